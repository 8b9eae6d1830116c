// What an accident has left on disk must not come back later: not when the segments behind it are gone, which said how far it
// counted, and not by ids that are given a second time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBlock } from '../../src/block.ts';
import { makeStamp, writeJob } from '../../src/job-text.ts';
import { readFrame } from '../../src/journal/frame.ts';
import { Storage } from '../../src/journal/storage.ts';
import { State } from '../../src/state.ts';
import { FakeDisk } from './fake-disk.ts';

const segmentBytes = 64 * 1024;
const stamp = makeStamp('2026-01-02T03:04:05Z');
const firstName = 'segment-0000000001.journal';

class Server {
  readonly state = new State();
  readonly disk: FakeDisk;
  storage!: Storage;

  constructor(disk: FakeDisk) {
    this.disk = disk;
  }

  static async start(disk: FakeDisk): Promise<Server> {
    const server = new Server(disk);
    server.storage = await Storage.open({ disk, fsync: 'always', state: server.state, say: () => {}, segmentBytes });
    return server;
  }

  push(name: string, count: number, size = 900): void {
    for (let i = 0; i < count; i++) {
      const fields = { jid: `${name}-${10_000 + i}`, queue: name, jobtype: 't', args: ['z'.repeat(size)], retry: 3 };
      this.state.enqueue(name, writeJob(fields, stamp, true));
    }
  }

  /** Takes a queue's jobs, and ends them. */
  work(name: string, count: number): void {
    for (let i = 0; i < count; i++) this.state.acknowledge(this.state.reserve(this.state.queues.get(name)!, 0)!);
  }

  settled(): Promise<void> {
    return this.storage.journal.settled();
  }

  /** Ends it without a word, and starts the next one. */
  killed(): Promise<Server> {
    return Server.start(this.disk.afterKill());
  }

  /** How many jobs each queue has. */
  get sizes(): Record<string, number> {
    return Object.fromEntries([...this.state.queues.all()].map(({ name, size }) => [name, size]));
  }
}

/** Where the frames of the first segment start, and how it goes on. */
function framesOf(disk: FakeDisk): { start: number; end: number }[] {
  const content = disk.content(firstName);
  const block = makeBlock(content.length);
  content.copy(block.bytes);
  const frames = [];
  for (let frame = readFrame(block, 0, 1); frame; frame = readFrame(block, frame.end, 1)) frames.push(frame);
  return frames;
}

/** Fills segments with jobs that end, so that those behind the first one are cleaned away. */
async function workOn(server: Server): Promise<void> {
  const begun = server.storage.journal.openNumber;
  for (let i = 0; i < 6; i++) {
    server.push('done', 100);
    await server.settled();
    server.work('done', 100);
    await server.settled();
    await server.storage.clean();
  }
  const names = server.disk.names().filter((name) => name.startsWith('segment-'));
  assert.equal(names[0], firstName);
  assert.ok(Number(names[1]!.slice(8, 18)) > begun + 1, names.join());
  server.push('late', 5);
  await server.settled();
}

test('half of a group that a power cut left does not come back when the segments behind it are gone', async () => {
  const first = await Server.start(new FakeDisk());
  first.push('early', 10);
  await first.settled();
  const before = framesOf(first.disk).length;
  first.push('torn', 20);
  await first.settled();
  const frames = framesOf(first.disk);
  assert.ok(frames.length > before + 2);
  const { start, end } = frames[before]!;
  first.disk.content(firstName).fill(0, start, end);
  const second = await first.killed();
  assert.deepEqual(second.sizes, { early: 10 });
  await workOn(second);
  const third = await second.killed();
  assert.deepEqual(third.storage.recovered.losses, []);
  assert.deepEqual(third.sizes, second.sizes);
});

test('the id of a job that was damaged is not given to another one', async () => {
  const first = await Server.start(new FakeDisk());
  first.push('q', 1);
  await first.settled();
  const { start } = framesOf(first.disk).at(-1)!;
  first.work('q', 1);
  await first.settled();
  first.disk.content(firstName)[start + 100]! ^= 1;
  const second = await first.killed();
  assert.equal(second.storage.recovered.losses.length, 1);
  second.push('q', 1);
  await second.settled();
  const third = await second.killed();
  assert.deepEqual(third.sizes, { q: 1 });
});

test('damage at the end of a segment is found though the segment behind it is gone', async () => {
  const first = await Server.start(new FakeDisk());
  // All of it one group, so that no later frame of it says how much was on disk.
  while (first.storage.journal.position < segmentBytes - 1200) first.push('early', 1);
  await first.settled();
  await workOn(first);
  for (const offset of [0, 3, 8, 12, 16, 20, 24, 28, 40, 500]) {
    const disk = first.disk.afterKill();
    const { start } = framesOf(disk).at(-1)!;
    disk.content(firstName)[start + offset]! ^= 4;
    const second = await Server.start(disk);
    assert.equal(second.storage.recovered.losses.length, 1, `byte ${offset} of the frame`);
  }
});
