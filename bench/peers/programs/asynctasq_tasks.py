"""What the AsyncTasQ worker runs."""

from asynctasq import task

import tally


@task
async def noop(due_us, pad):
    tally.done(due_us)
