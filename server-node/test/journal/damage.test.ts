// Bits that change on disk behind the server's back: found, counted, told, never served.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '@jobstorm/testkit';
import fc from 'fast-check';
import { makeStamp, writeJob } from '../../src/job-text.ts';
import { recoveryLines } from '../../src/journal/report.ts';
import { Storage } from '../../src/journal/storage.ts';
import { State } from '../../src/state.ts';
import { FakeDisk } from './fake-disk.ts';

const segmentBytes = 64 * 1024;
const stamp = makeStamp('2026-01-02T03:04:05Z');
const jobs = 600;

const open = (disk: FakeDisk, state: State) =>
  Storage.open({ disk, fsync: 'always', state, say: () => {}, segmentBytes });

/** Every job's text, all stored in groups of 50. Some are done. */
async function fill(disk: FakeDisk): Promise<{ texts: Set<string>; done: Set<string> }> {
  const state = new State();
  const { journal } = await open(disk, state);
  const [texts, done] = [new Set<string>(), new Set<string>()];
  for (let i = 0; i < jobs; i++) {
    const fields = { jid: `job-${10_000 + i}`, queue: 'q', jobtype: 't', args: ['z'.repeat(i % 300)], retry: 3 };
    const job = writeJob(fields, stamp, true);
    texts.add(job.text);
    const queue = state.enqueue('q', job);
    if (i % 10 === 9) {
      const reservation = state.reserve(queue, 0)!;
      done.add(reservation.text);
      state.acknowledge(reservation);
    }
    if (i % 50 === 49) await journal.settled();
  }
  return { texts, done };
}

async function find(disk: FakeDisk): Promise<{ found: string[]; storage: Storage }> {
  const state = new State();
  const storage = await open(disk, state);
  const found = [];
  const queue = state.queues.get('q');
  for (let job = queue?.take(); job; job = queue?.take()) found.push(job.text);
  return { found, storage };
}

const full = new FakeDisk();
const { texts, done } = await fill(full);
const segments = full.names().filter((name) => full.content(name).some((byte) => byte !== 0));

test('an undamaged journal gives every job back that is not done, once', async () => {
  const { found, storage } = await find(full.afterKill());
  assert.ok(segments.length > 2);
  assert.equal(new Set(found).size, found.length);
  assert.deepEqual(new Set(found), new Set([...texts].filter((text) => !done.has(text))));
  assert.deepEqual(storage.recovered.losses, []);
});

test('a flipped bit anywhere costs the records of its frame, which are counted, and nothing is served that was not pushed', async () => {
  const cases = fc.record({
    segment: fc.nat(segments.length - 1),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bit: fc.nat(7),
  });
  const tally = { lost: 0, cut: 0, harmless: 0 };
  await fc.assert(
    fc.asyncProperty(cases, async ({ segment, at, bit }) => {
      const disk = full.afterKill();
      const name = segments[segment]!;
      const content = disk.content(name);
      const used = content.findLastIndex((byte) => byte !== 0) + 1;
      content[Math.floor(at * used)]! ^= 1 << bit;
      const { found, storage } = await find(disk);
      for (const text of found) assert.ok(texts.has(text), 'a job that nobody pushed');
      assert.equal(new Set(found).size, found.length);
      const { losses, tornBytes } = storage.recovered;
      const missing = texts.size - done.size - found.filter((text) => !done.has(text)).length;
      const again = found.filter((text) => done.has(text)).length;
      const lost = losses.reduce((sum, { records }) => sum + records, 0);
      if (losses.length > 0) {
        tally.lost++;
        assert.equal(losses.length, 1);
        assert.equal(`segment-${String(losses[0]!.segment).padStart(10, '0')}.journal`, name);
        // A frame is 4 KiB and what does not fit any more.
        assert.ok(lost > 0 && lost <= 40, `${lost} records`);
        assert.ok(missing + again <= lost, `${missing} jobs missing, ${again} back, of ${lost} records`);
        assert.match(recoveryLines(storage.recovered, 1)[1]!, /is damaged at byte \d+.*: \d+ records? lost/);
      } else {
        // The last group's end looks as if it was never written whole; what is behind the last frame means nothing.
        assert.equal(segment, segments.length - 1);
        if (tornBytes > 0) tally.cut++;
        else tally.harmless++;
        assert.ok(missing <= 50);
      }
    }),
    { numRuns: 300, seed: testSeed() },
  );
  assert.ok(tally.lost > 100, JSON.stringify(tally));
});

test('a segment that is gone as a whole is counted, too', async () => {
  const disk = full.afterKill();
  disk.content(segments[1]!).fill(0);
  const { found, storage } = await find(disk);
  assert.ok(found.length < texts.size - done.size);
  assert.equal(storage.recovered.losses.length, 1);
  assert.ok(storage.recovered.losses[0]!.records > 40);
});

test('a journal of a later version is left alone', async () => {
  const disk = full.afterKill();
  const { makeBlock } = await import('../../src/block.ts');
  const { readFrame, sealFrame } = await import('../../src/journal/frame.ts');
  const content = disk.content(segments[0]!);
  const block = makeBlock(content.length);
  content.copy(block.bytes);
  const frame = readFrame(block, 0, 1)!;
  block.words[9] = 2;
  sealFrame(block, { ...frame, segment: 1 });
  block.bytes.copy(content);
  await assert.rejects(open(disk, new State()), { code: 'EJOURNAL', message: /format 2.*reads format 1/ });
});
