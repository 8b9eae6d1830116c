// A disk that takes nothing any more, for a while: no job is taken that can't be kept, nobody is told what is not true, and it all
// goes on once there is room.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection, until, watchLeaks } from '@jobstorm/testkit';
import { startServer } from '../../src/index.ts';
import { makeStamp, writeJob } from '../../src/job-text.ts';
import { Storage } from '../../src/journal/storage.ts';
import { State } from '../../src/state.ts';
import { FakeDisk } from './fake-disk.ts';
import { pictureOf } from './reference.ts';
import { withFolder } from './server-process.ts';

const stamp = makeStamp('2026-01-02T03:04:05Z');
const segmentBytes = 2 * 1024 * 1024;
const job = (i: number) =>
  writeJob({ jid: `job-${10_000 + i}`, queue: 'q', jobtype: 't', args: ['z'.repeat(1000)], retry: 3 }, stamp, true);

class Bench {
  readonly disk = new FakeDisk();
  readonly state = new State();
  readonly said: string[] = [];
  storage!: Storage;
  nowMs = 0;
  pushed = 0;

  async open(): Promise<this> {
    const say = (line: string) => this.said.push(line);
    this.storage = await Storage.open({ disk: this.disk, fsync: 'always', state: this.state, say, segmentBytes });
    return this;
  }

  /** Pushes one as the manager does; why not, or null. */
  push(): string | null {
    const text = job(this.pushed);
    const refusal = this.state.refusal(text);
    if (refusal) return refusal;
    this.state.enqueue('q', text);
    this.pushed++;
    return null;
  }

  ackOne(): void {
    this.state.acknowledge(this.state.reserve(this.state.queues.get('q')!, 0)!);
  }

  /** A second goes by. */
  tick(): void {
    this.nowMs += 1000;
    this.storage.tick(this.nowMs);
  }

  /** Every job that a restart finds. */
  async restarted(): Promise<string> {
    const state = new State();
    await Storage.open({ disk: this.disk.afterKill(), fsync: 'always', state, say: () => {}, segmentBytes });
    return pictureOf(state);
  }
}

test('a full disk refuses jobs while ACKs go on, and takes them again when jobs that are done have made room', async () => {
  const bench = await new Bench().open();
  await until('a spare segment', () => bench.disk.bytes === 2 * segmentBytes);
  bench.disk.capacity = bench.disk.bytes + 1000;
  let refusal = null;
  while (refusal === null && bench.pushed < 10_000) {
    refusal = bench.push();
    await bench.storage.journal.settled();
  }
  assert.match(
    refusal!,
    /^the job was not taken, because it can't be stored: ENOSPC.*; push it again when there is room$/,
  );
  assert.ok(bench.pushed > 500, 'what was laid out was used first');
  assert.match(
    bench.said[0]!,
    /no room can be made for the journal \(ENOSPC.*jobs are refused once what there is is full/,
  );
  assert.ok(bench.storage.info().failure);
  for (let i = 0; i < bench.pushed; i++) bench.ackOne();
  await bench.storage.journal.settled();
  assert.ok(bench.push(), 'acknowledged, but the room is not there yet');
  await until('room', () => {
    bench.tick();
    return bench.storage.info().failure === null;
  });
  assert.equal(bench.push(), null);
  await bench.storage.journal.settled();
  assert.equal(bench.said.at(-1), 'the journal has room again');
  const restarted = JSON.parse(await bench.restarted());
  assert.deepEqual([restarted.queues[0][1].jobs.length, restarted.counts[0]], [1, bench.pushed - 1]);
  await bench.storage.close();
});

for (const failing of ['write', 'sync'] as const) {
  test(`when a ${failing} fails nothing is stored, jobs are refused, and what was taken is stored later`, async () => {
    const leaks = watchLeaks();
    const bench = await new Bench().open();
    assert.equal(bench.push(), null);
    await bench.storage.journal.settled();
    const before = await bench.restarted();
    bench.disk.failing = failing;
    assert.equal(bench.push(), null, 'nobody knows yet');
    let isStored = false;
    const settled = bench.storage.journal.settled().then(() => {
      isStored = true;
    });
    await until('the failure', () => bench.storage.info().failure !== null);
    assert.match(bench.push()!, /^the job was not taken, because it can't be stored: EIO/);
    // What was taken before can be fetched and acknowledged; the answer waits with it.
    bench.ackOne();
    bench.tick();
    await new Promise(setImmediate);
    assert.equal(isStored, false);
    assert.equal(before, await bench.restarted().then((now) => (failing === 'write' ? now : before)));
    bench.disk.failing = null;
    bench.tick();
    await settled;
    assert.equal(bench.push(), null);
    await bench.storage.journal.settled();
    assert.equal(JSON.parse(await bench.restarted()).queues[0][1].jobs.length, 2);
    assert.equal(bench.said.length, 2, bench.said.join('\n'));
    await bench.storage.close();
    await leaks.settle();
  });
}

test('a segment that could not be made is no room for jobs', async () => {
  const bench = await new Bench().open();
  await until('a spare segment', () => bench.disk.bytes === 2 * segmentBytes);
  bench.disk.capacity = bench.disk.bytes + 1000;
  while (bench.push() === null) await bench.storage.journal.settled();
  // What is left is for those who have jobs; so much of it that another segment is begun.
  for (let i = 0; i < 2000; i++) {
    const reservation = bench.state.reserve(bench.state.queues.get('q')!, 0)!;
    bench.state.fail(reservation, { set: 'dead', job: job(i), atMs: 1 });
  }
  let isStored = false;
  const settled = bench.storage.journal.settled().then(() => {
    isStored = true;
  });
  assert.match(bench.push()!, /^the job was not taken, because it can't be stored: ENOSPC/);
  assert.equal(bench.state.isHeldUp, true, 'jobs that fall due wait');
  bench.tick();
  await new Promise(setImmediate);
  assert.equal(isStored, false);
  bench.disk.capacity = Number.POSITIVE_INFINITY;
  await until('room', () => {
    bench.tick();
    return isStored;
  });
  await settled;
  assert.equal(bench.push(), null);
  const { sets } = JSON.parse(await bench.restarted());
  assert.equal(sets.dead.length, 2000);
  await bench.storage.close();
});

test('many short jobs that end on a full disk make room before the room for their ends is used up', async () => {
  const bench = await new Bench().open();
  bench.disk.capacity = 16 * segmentBytes + 1000;
  const short = (i: number) => writeJob({ jid: `job-${1_000_000 + i}`, jobtype: 't', args: [] }, stamp, true);
  let pushed = 0;
  for (; bench.state.refusal(short(pushed)) === null; pushed++) {
    bench.state.enqueue('q', short(pushed));
    if (pushed % 1000 === 0) await bench.storage.journal.settled();
  }
  assert.ok(pushed * 8 > 1024 * 1024, `${pushed} jobs`);
  await bench.storage.journal.settled();
  // No second goes by meanwhile.
  for (let ended = 0; ended < pushed; ended++) {
    bench.ackOne();
    if (ended % 1000 === 0) await bench.storage.journal.settled();
  }
  await bench.storage.journal.settled();
  await until('room', () => bench.state.refusal(short(pushed)) === null);
  await bench.storage.close();
});

test('while nothing can be stored a refusal comes at once, and what was taken before is answered later', async () => {
  const leaks = watchLeaks();
  await withFolder(async (folder) => {
    const disk = new FakeDisk();
    const data = { folder, fsync: 'always' as const, disk, say: () => {}, segmentBytes };
    const server = await startServer({ host: '127.0.0.1', port: 0, data });
    const [taken, refused] = await Promise.all([RawConnection.greeted(server), RawConnection.greeted(server)]);
    disk.failing = 'write';
    const push = (jid: string) => `{"jid":"${jid}","jobtype":"t","args":[]}`;
    taken.send(`PUSH ${push('taken-123')}\r\n`);
    await until('the failure', () => server.info().server.journal?.failure !== null);
    assert.match((await refused.call(`PUSH ${push('refused-1')}`))!, /^-ERR the job was not taken.* EIO/);
    assert.match((await refused.call(`PUSHB [${push('refused-2')}]`))!, /refused-2":"the job was not taken/);
    assert.match((await refused.call('QUEUE NONSENSE'))!, /^-ERR/);
    disk.failing = null;
    assert.equal(await taken.reply(), '+OK');
    assert.equal(await refused.call(`PUSH ${push('accepted1')}`), '+OK');
    for (const connection of [taken, refused]) connection.destroy();
    await server.close();
  });
  await leaks.settle();
});

test('while nothing can be stored a button of the pages says so, and what it did is stored later', async () => {
  const leaks = watchLeaks();
  await withFolder(async (folder) => {
    const disk = new FakeDisk();
    const data = { folder, fsync: 'always' as const, disk, say: () => {}, segmentBytes };
    const local = { host: '127.0.0.1', port: 0 };
    const server = await startServer({ ...local, web: local, data });
    const connection = await RawConnection.greeted(server);
    assert.equal(await connection.call('PUSH {"jid":"paused-12","jobtype":"t","queue":"q","args":[]}'), '+OK');
    const pause = async () => {
      const page = await (await fetch(`${server.webUrl}/queues`)).text();
      const token = /name="token" value="([^"]+)"/.exec(page)![1]!;
      const body = new URLSearchParams({ token, action: 'pause', queue: 'q' });
      const response = await fetch(`${server.webUrl}/queues`, { method: 'POST', body, redirect: 'manual' });
      return { status: response.status, text: await response.text() };
    };
    disk.failing = 'write';
    const stuck = await pause();
    assert.equal(stuck.status, 503);
    assert.match(stuck.text, /^done, but not stored yet: EIO.*; it will be once that works\n$/);
    disk.failing = null;
    await until('the disk to be written again', () => server.info().server.journal?.failure === null);
    assert.equal((await pause()).status, 303);
    connection.destroy();
    await server.close();
  });
  await leaks.settle();
});

test('a server that can store nothing ends all the same, and says so', async () => {
  const leaks = watchLeaks();
  const bench = await new Bench().open();
  bench.disk.failing = 'write';
  bench.push();
  const settled = bench.storage.journal.settled();
  settled.catch(() => {});
  await until('the failure', () => bench.storage.info().failure !== null);
  await bench.storage.close();
  await assert.rejects(settled, /the journal was closed before it was stored/);
  await leaks.settle();
});

test('a disk without room for a first segment is no place to start', async () => {
  const bench = new Bench();
  bench.disk.capacity = 1000;
  await assert.rejects(bench.open(), { code: 'ENOSPC' });
});
