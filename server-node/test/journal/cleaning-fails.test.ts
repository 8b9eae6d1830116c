// Cleaning on a disk that fails at any one of its steps: the next one goes on where it was, and no job is lost or back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeStamp, writeJob } from '../../src/job-text.ts';
import { Storage } from '../../src/journal/storage.ts';
import { State } from '../../src/state.ts';
import { FakeDisk } from './fake-disk.ts';

const segmentBytes = 8 * 1024;
const stamp = makeStamp('2026-01-02T03:04:05Z');

async function start(disk: FakeDisk): Promise<{ state: State; storage: Storage }> {
  const state = new State();
  return { state, storage: await Storage.open({ disk, fsync: 'always', state, say: () => {}, segmentBytes }) };
}

function push(state: State, queue: string, from: number, count: number): void {
  for (let i = from; i < from + count; i++) {
    const fields = { jid: `${queue}-${10_000 + i}`, queue, jobtype: 't', args: ['z'.repeat(500)], retry: 3 };
    state.enqueue(queue, writeJob(fields, stamp, true));
  }
}

function work(state: State, queue: string, count: number): void {
  for (let i = 0; i < count; i++) state.acknowledge(state.reserve(state.queues.get(queue)!, 0)!);
}

const contentOf = (state: State) =>
  Object.fromEntries([...state.queues.all()].map((queue) => [queue.name, [...queue.texts()]]));

/** Segments full of jobs of which few are left, and some dead ones; cleaned while step `failing` of the cleaning fails. */
async function cleaned(failing: number): Promise<{ steps: number; segments: number; failed: boolean }> {
  const disk = new FakeDisk();
  const { state, storage } = await start(disk);
  for (let round = 0; round < 12; round++) {
    push(state, 'gone', round * 10, 10);
    push(state, 'stays', round, 1);
    await storage.journal.settled();
  }
  work(state, 'gone', 120);
  await storage.journal.settled();
  const before = disk.steps;
  disk.failsAt = new Set([before + failing]);
  await storage.clean();
  const steps = disk.steps - before;
  const failed = disk.steps >= before + failing;
  // It goes on: what is left is worked on, more comes, and is cleaned, too.
  await storage.clean();
  work(state, 'stays', 4);
  push(state, 'gone', 200, 30);
  await storage.journal.settled();
  work(state, 'gone', 30);
  await storage.journal.settled();
  await storage.clean();
  storage.tick(1e6);
  await storage.journal.settled();
  const next = await start(disk.afterKill());
  assert.deepEqual(next.storage.recovered.losses, []);
  assert.deepEqual(contentOf(next.state).stays, contentOf(state).stays, `step ${failing} failed`);
  assert.equal(contentOf(next.state).stays!.length, 8);
  assert.equal(contentOf(next.state).gone?.length ?? 0, 0);
  return { steps, segments: storage.info().segments, failed };
}

test('whichever step of a cleaning fails, the next one finishes it, and all jobs are there again', async () => {
  const undisturbed = await cleaned(Number.POSITIVE_INFINITY);
  assert.ok(undisturbed.steps > 20, `${undisturbed.steps} steps: there is too little to clean`);
  for (let step = 1; step <= undisturbed.steps; step++) {
    const { segments, failed } = await cleaned(step);
    assert.ok(failed, `step ${step} was not reached`);
    assert.ok(segments <= undisturbed.segments + 1, `step ${step}: ${segments} segments are left`);
  }
});
