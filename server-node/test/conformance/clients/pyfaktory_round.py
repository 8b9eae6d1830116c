"""A produce, consume, fail and retry round with pyfaktory, as its users write it.

Usage: pyfaktory_round.py URL DIR. What it saw goes to stdout as one line of JSON; DIR is for what the handlers leave.
"""

import json
import os
import signal
import sys
import threading
import time

from pyfaktory import Client, Consumer, Job, Producer
from pyfaktory.models import JobFilter, MutateOperation

QUEUE = "pyfaktory-round"


def add(path, a, b):
    """Runs in a process of the consumer's pool, so it leaves its result in a file."""
    with open(path, "a") as sums:
        sums.write(f"{a + b}\n")


def flaky(path):
    first = not os.path.exists(path)
    with open(path, "a") as runs:
        runs.write("run\n")
    if first:
        raise ValueError("the first time never works")


def lines(path):
    try:
        with open(path) as file:
            return file.read().split()
    except FileNotFoundError:
        return []


def until(what, look):
    deadline = time.monotonic() + 30
    while not look():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited 30 s for {what}")
        time.sleep(0.02)


def drive(url, sums, runs, seen):
    """What goes on beside the consumer; ends it."""
    with Client(faktory_url=url, role="producer") as client:
        producer = Producer(client)
        until("the sums", lambda: len(lines(sums)) == 3)
        producer.push(Job(jobtype="flaky", queue=QUEUE, args=[runs]))
        until("the failure", lambda: client.info()["faktory"]["sets"]["retries"] == 1)
        requeue = MutateOperation(
            cmd="requeue", target="retries", filter=JobFilter(jids=None, regexp=None, jobtype="flaky")
        )
        seen["requeued"] = client.mutate(requeue)
        until("the second run", lambda: client.info()["faktory"]["total_processed"] == 5)
        seen["runs"] = len(lines(runs))
    os.kill(os.getpid(), signal.SIGINT)


def by_hand(url, seen):
    """Fetches, fails and acknowledges without a consumer, to see the job itself."""
    with Client(faktory_url=url, role="both", worker_id="pyfaktory-by-hand") as client:
        Producer(client).push(Job(jid="pyfaktory-by-hand", jobtype="byhand", queue=QUEUE, args=[{"k": "ä"}], custom={"c": 1}))
        client._fetch([QUEUE])
        client._fail(jid="pyfaktory-by-hand", errtype="KeyError", message="no such key", backtrace=["a", "b"])
        client.mutate(
            MutateOperation(
                cmd="requeue",
                target="retries",
                filter=JobFilter(jids=["pyfaktory-by-hand"], regexp=None, jobtype=None),
            )
        )
        job = client._fetch([QUEUE])
        failure = job["failure"]
        seen["job"] = [job["args"], job["custom"], failure["retry_count"], failure["errtype"], failure["message"], failure["backtrace"]]
        seen["acknowledged"] = client._ack(jid="pyfaktory-by-hand")
        client.queue_pause([QUEUE])
        client.queue_unpause([QUEUE])
        faktory = client.info()["faktory"]
        seen["left"] = {**faktory["queues"], **faktory["sets"]}
        seen["counts"] = [faktory["total_processed"], faktory["total_failures"]]
        try:
            Producer(client).push(Job(jid="short", jobtype="t", args=[]))
        except Exception as error:
            seen["refusal"] = str(error)
        seen["flushed"] = client._flush()


def main(url, directory):
    seen = {}
    sums, runs = os.path.join(directory, "sums"), os.path.join(directory, "runs")
    with Client(faktory_url=url, role="producer") as client:
        producer = Producer(client)
        producer.push(Job(jobtype="add", queue=QUEUE, args=[sums, 1, 2]))
        rejected = producer.push_bulk(
            [
                Job(jobtype="add", queue=QUEUE, args=[sums, 3, 4]),
                Job(jobtype="add", queue=QUEUE, args=[sums, 5, 6]),
                Job(jobtype="add", queue="no way", args=[]),
            ]
        )
        seen["rejected"] = list(rejected.values())
    with Client(faktory_url=url, role="consumer", worker_id="pyfaktory-round") as client:
        consumer = Consumer(client=client, queues=[QUEUE], concurrency=2, grace_period=5)
        consumer.register("add", add)
        consumer.register("flaky", flaky)
        threading.Thread(target=drive, args=(url, sums, runs, seen)).start()
        try:
            consumer.run()
        except SystemExit:
            pass
    seen["sums"] = sorted(int(line) for line in lines(sums))
    by_hand(url, seen)
    print(json.dumps(seen), flush=True)
    # Its heartbeat threads sleep on for seconds.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
