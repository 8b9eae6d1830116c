// --fsync interval: replies come once the system has the bytes, and the disk has them a tenth of a second later.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { makeStamp, writeJob } from '../../src/job-text.ts';
import { Storage } from '../../src/journal/storage.ts';
import { State } from '../../src/state.ts';
import { FakeDisk } from './fake-disk.ts';

const segmentBytes = 64 * 1024;
const stamp = makeStamp('2026-01-02T03:04:05Z');
/** A power cut that leaves nothing of what was not synced. */
const worst = (of: number) => (of === 3 ? 1 : 0);

class Server {
  readonly disk: FakeDisk;
  readonly state = new State();
  readonly said: string[] = [];
  storage!: Storage;
  nowMs = 0;

  constructor(disk = new FakeDisk()) {
    this.disk = disk;
  }

  async start(): Promise<this> {
    const say = (line: string) => this.said.push(line);
    this.storage = await Storage.open({ disk: this.disk, fsync: 'interval', state: this.state, say, segmentBytes });
    return this;
  }

  push(count: number): void {
    for (let i = 0; i < count; i++) {
      const fields = { jid: `job-${10_000 + i}`, queue: 'q', jobtype: 't', args: ['z'.repeat(900)], retry: 3 };
      this.state.enqueue('q', writeJob(fields, stamp, true));
    }
  }

  refusal(): string | null {
    return this.state.refusal(writeJob({ jid: 'job-1', jobtype: 't', args: [] }, stamp, true));
  }

  /** A tenth of a second goes by, and what it began is over. */
  async tick(): Promise<void> {
    this.nowMs += 100;
    this.storage.tick(this.nowMs);
    for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  }

  async afterPowerCut(): Promise<number> {
    const next = await new Server(this.disk.afterPowerCut(worst)).start();
    return next.state.queues.get('q')?.size ?? 0;
  }
}

test('what was answered before the last sync survives a power cut', async () => {
  const server = await new Server().start();
  server.push(3);
  await server.storage.journal.settled();
  assert.equal(await server.afterPowerCut(), 0);
  await server.tick();
  assert.equal(await server.afterPowerCut(), 3);
  await server.storage.close();
});

test('whoever asks for a sync waits for the one under way, too', async () => {
  const server = await new Server().start();
  server.push(3);
  await server.storage.journal.settled();
  void server.storage.journal.sync();
  await server.storage.journal.sync();
  assert.equal(await server.afterPowerCut(), 3);
  await server.storage.close();
});

test('segments that are full are synced and closed, and nothing else is synced afterwards', async () => {
  const server = await new Server().start();
  for (let i = 0; i < 20; i++) {
    server.push(50);
    server.storage.journal.commit();
    void server.storage.journal.sync().catch((error: Error) => server.said.push(error.message));
    await new Promise(setImmediate);
  }
  await server.storage.journal.settled();
  await server.storage.journal.sync();
  assert.deepEqual(server.said, []);
  assert.equal(await server.afterPowerCut(), 1000);
  await server.storage.close();
});

test('when a sync fails jobs are refused until one works, and what the system may have forgotten is written again', async () => {
  const server = await new Server().start();
  await until('a spare segment', () => server.disk.bytes === 2 * segmentBytes);
  for (let i = 0; i < 5; i++) await server.tick();
  server.push(3);
  await server.storage.journal.settled();
  server.disk.failing = 'sync';
  for (let i = 0; i < 5; i++) await server.tick();
  assert.match(server.refusal()!, /^the job was not taken, because it can't be stored: EIO/);
  server.disk.failing = null;
  const { write } = server.disk.counts;
  for (let i = 0; i < 5; i++) await server.tick();
  assert.ok(server.disk.counts.write! > write!);
  assert.equal(server.refusal(), null);
  assert.equal(await server.afterPowerCut(), 3);
  assert.equal(server.said.length, 2, server.said.join('\n'));
  await server.storage.close();
});
