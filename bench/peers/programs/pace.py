"""How the Python producers send: all at once, or one by one, each when it is due."""

import asyncio
import json
import time

PAD = "x" * 120


def report(jobs, seconds):
    print(json.dumps({"enqueued": jobs, "seconds": seconds}), flush=True)


def due_times_us(jobs, rate):
    start = time.time() + 0.1
    return [(start + i / rate) * 1e6 for i in range(jobs)]


def send_paced(jobs, rate, send):
    """`send(due_us)`, each job at its time."""
    begin = time.perf_counter()
    for due in due_times_us(jobs, rate):
        wait = due / 1e6 - time.time()
        if wait > 0:
            time.sleep(wait)
        send(due)
    report(jobs, time.perf_counter() - begin)


async def send_paced_async(jobs, rate, send):
    begin = time.perf_counter()
    for due in due_times_us(jobs, rate):
        wait = due / 1e6 - time.time()
        if wait > 0:
            await asyncio.sleep(wait)
        await send(due)
    report(jobs, time.perf_counter() - begin)
