"""AsyncTasQ on Redis: `asynctasq worker` works, `python asynctasq_peer.py JOBS [RATE]` enqueues, a hundred dispatches at a time."""

import asyncio
import os
import sys
import time

from asynctasq import init, run

import tally
from asynctasq_tasks import noop
from pace import PAD, report, send_paced_async

init({"driver": "redis", "redis": {"url": os.environ["REDIS_URL"]}})


async def enqueue(jobs, rate):
    if rate is not None:
        return await send_paced_async(jobs, rate, lambda due: noop(due, PAD).dispatch())
    begin = time.perf_counter()
    size = 100
    for first in range(0, jobs, size):
        count = min(size, jobs - first)
        await asyncio.gather(*(noop(tally.now_us(), PAD).dispatch() for _ in range(count)))
    report(jobs, time.perf_counter() - begin)


if __name__ == "__main__":
    run(enqueue(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else None))
