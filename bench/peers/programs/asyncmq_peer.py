"""AsyncMQ on Redis: `asyncmq worker start default` with ASYNCMQ_SETTINGS_MODULE=asyncmq_peer.Settings works,
`python asyncmq_peer.py JOBS [RATE]` enqueues, in bulk where it may."""

import asyncio
import os
import sys
import time

from asyncmq.backends.redis import RedisBackend
from asyncmq.conf.global_settings import Settings as Defaults

import tally
from pace import PAD, report, send_paced_async


class Settings(Defaults):
    tasks: list[str] = ["asyncmq_tasks"]
    logging_level: str = "ERROR"

    @property
    def backend(self):
        return _backend()


_made = None


def _backend():
    global _made
    if _made is None:
        _made = RedisBackend(redis_url_or_client=os.environ["REDIS_URL"])
    return _made


async def enqueue(jobs, rate):
    from asyncmq.queues import Queue

    import asyncmq_tasks

    queue = Queue("default", backend=_backend())
    task_id = asyncmq_tasks.noop.task_id
    if rate is not None:
        return await send_paced_async(jobs, rate, lambda due: queue.add(task_id, [due, PAD]))
    begin = time.perf_counter()
    size = 500
    for first in range(0, jobs, size):
        count = min(size, jobs - first)
        await queue.add_bulk([{"task_id": task_id, "args": [tally.now_us(), PAD]} for _ in range(count)])
    report(jobs, time.perf_counter() - begin)


if __name__ == "__main__":
    asyncio.run(enqueue(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else None))
