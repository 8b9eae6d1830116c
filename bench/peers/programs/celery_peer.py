"""Celery on Redis: `celery -A celery_peer worker …` works, `python celery_peer.py JOBS [RATE]` enqueues.

No result backend and ignore_result, as its documentation advises for tasks whose results nobody reads."""

import os
import sys
import time

from celery import Celery

import tally
from pace import PAD, report, send_paced

app = Celery("peer", broker=os.environ["REDIS_URL"])
app.conf.update(
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_pool_limit=10,
)


@app.task(name="noop", ignore_result=True)
def noop(due_us, pad):
    tally.done(due_us)


def enqueue(jobs, rate):
    with app.producer_pool.acquire(block=True) as producer:

        def send(due):
            noop.apply_async((due, PAD), producer=producer)

        if rate is not None:
            return send_paced(jobs, rate, send)
        begin = time.perf_counter()
        for _ in range(jobs):
            send(tally.now_us())
        report(jobs, time.perf_counter() - begin)


if __name__ == "__main__":
    enqueue(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else None)
