"""What the AsyncMQ worker runs."""

from asyncmq.tasks import task

import tally


@task(queue="default")
async def noop(due_us, pad):
    tally.done(due_us)
