// A disk with hardly any room left, at the two edges of what a segment can be: a job that is larger than one, and segments that each
// still hold a job, so that none of them can go. What was taken is never lost, and jobs are taken again once there is room.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until, watchLeaks } from '@jobstorm/testkit';
import { makeStamp, writeJob } from '../../src/job-text.ts';
import { Storage } from '../../src/journal/storage.ts';
import { State } from '../../src/state.ts';
import { FakeDisk } from './fake-disk.ts';

const stamp = makeStamp('2026-01-02T03:04:05Z');
const segmentBytes = 2 * 1024 * 1024;
const jobBytes = 16_000;
const refused = /^the job was not taken, because it can't be stored: ENOSPC.*; push it again when there is room$/;

class TightDisk {
  readonly disk = new FakeDisk();
  readonly state = new State();
  storage!: Storage;
  #pushed = 0;
  #nowMs = 0;

  static async open(): Promise<TightDisk> {
    const tight = new TightDisk();
    tight.storage = await tight.#openOn(tight.disk, tight.state);
    return tight;
  }

  #openOn(disk: FakeDisk, state: State): Promise<Storage> {
    return Storage.open({ disk, fsync: 'always', state, say: () => {}, segmentBytes });
  }

  /** Pushes one as the manager does; why not, or null. */
  push(bytes = jobBytes): string | null {
    const fields = { jid: `job-${10_000 + this.#pushed}`, queue: 'q', jobtype: 't', args: ['z'.repeat(bytes)] };
    const text = writeJob(fields, stamp, true);
    const refusal = this.state.refusal(text);
    if (refusal !== null) return refusal;
    this.state.enqueue('q', text);
    this.#pushed++;
    return null;
  }

  reserve() {
    return this.state.reserve(this.state.queues.get('q')!, 0)!;
  }

  /** Pushes until it is refused; how many were taken. */
  async fill(): Promise<number> {
    const before = this.#pushed;
    while (this.#pushed < before + 100_000) {
      const refusal = this.push();
      await this.storage.journal.settled();
      if (refusal === null) continue;
      assert.match(refusal, refused);
      return this.#pushed - before;
    }
    throw new Error('the disk never was full');
  }

  /** Seconds go by until a job is taken again. */
  async untilTaken(): Promise<void> {
    await until('room for a job', () => {
      this.#nowMs += 1000;
      this.storage.tick(this.#nowMs);
      return this.push() === null;
    });
    await this.storage.journal.settled();
  }

  /** The jids that a start after kill -9 and one after a power cut that left nothing unsynced find, each sorted. */
  async found(): Promise<string[][]> {
    const disks = [this.disk.afterKill(), this.disk.afterPowerCut((of) => (of === 3 ? 1 : 0))];
    return Promise.all(
      disks.map(async (disk) => {
        const state = new State();
        const storage = await this.#openOn(disk, state);
        const jids = [];
        for (const queue of state.queues.all())
          for (const text of queue.texts()) jids.push(/"jid":"([^"]*)"/.exec(text)![1]!);
        await storage.close();
        return jids.sort();
      }),
    );
  }
}

test('a job larger than a segment that a disk has no room for is answered once it is stored; until then others are refused', async () => {
  const leaks = watchLeaks();
  const tight = await TightDisk.open();
  await until('a spare segment', () => tight.disk.bytes === 2 * segmentBytes);
  assert.equal(tight.push(), null);
  await tight.storage.journal.settled();
  tight.disk.capacity = tight.disk.bytes + segmentBytes / 2;
  assert.equal(tight.push(3 * segmentBytes), null, 'nobody knows yet');
  const held = tight.reserve();
  let isStored = false;
  const settled = tight.storage.journal.settled().then(() => {
    isStored = true;
  });
  await until('the failure', () => tight.storage.info().failure !== null);
  assert.match(tight.push()!, refused);
  tight.state.acknowledge(held);
  assert.equal(isStored, false);
  // What was answered is there; what was not, is not.
  for (const jids of await tight.found()) assert.deepEqual(jids, ['job-10000']);
  tight.disk.capacity = Number.POSITIVE_INFINITY;
  await tight.untilTaken();
  await settled;
  for (const jids of await tight.found()) assert.deepEqual(jids, ['job-10001', 'job-10002']);
  await tight.storage.close();
  await leaks.settle();
});

for (const spareBytes of [0, 64 * 1024]) {
  test(`segments that each hold one job more are rewritten as soon as there is room for what they hold: ${spareBytes} bytes at first`, async () => {
    const tight = await TightDisk.open();
    tight.disk.capacity = 6 * segmentBytes + spareBytes;
    const taken = await tight.fill();
    const kept = [];
    for (let i = 0; i < taken; i++) {
      const reservation = tight.reserve();
      if (i % 60 === 0) kept.push(reservation.jid);
      else tight.state.acknowledge(reservation);
      if (i % 60 === 0) await tight.storage.journal.settled();
    }
    await tight.storage.journal.settled();
    assert.ok(kept.length > 6, 'one in each segment at least');
    await tight.storage.clean();
    if (spareBytes === 0) {
      assert.match(tight.push()!, refused);
      for (const jids of await tight.found()) assert.deepEqual(jids, kept);
      tight.disk.capacity += 64 * 1024;
    }
    await tight.untilTaken();
    for (const jids of await tight.found()) assert.deepEqual(jids, [...kept, `job-${10_000 + taken}`]);
    await tight.storage.close();
  });
}
