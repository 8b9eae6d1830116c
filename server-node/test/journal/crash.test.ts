// The promise of the journal, against a fake disk that dies at any step: what was stored is there again, in its place and
// order, and nothing appears that was not. fast-check prints a seed and a path with a failure; JOBSTORM_TEST_SEED=SEED plays that
// run again and looks for the shortest story that fails.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Storage } from '../../src/journal/storage.ts';
import { State } from '../../src/state.ts';
import { FakeDisk } from './fake-disk.ts';
import { type Act, act, Life, segmentBytes } from './life.ts';
import { pictureOf } from './reference.ts';

const runs = process.env.JOBSTORM_TEST_FULL === '1' ? 20_000 : 1000;
const seed = process.env.JOBSTORM_TEST_SEED ? { seed: Number(process.env.JOBSTORM_TEST_SEED) } : { endOnFailure: true };

/** Resolves with true when the disk died before `work` was over. */
async function untilDeath(disk: FakeDisk, work: Promise<void>): Promise<boolean> {
  let isOver = false;
  const over = work.then(() => {
    isOver = true;
  });
  while (!isOver && !disk.isDead) await Promise.race([over, new Promise(setImmediate)]);
  if (!isOver) return true;
  await over;
  return false;
}

async function recover(disk: FakeDisk): Promise<{ state: State; storage: Storage }> {
  const state = new State();
  const storage = await Storage.open({ disk, fsync: 'always', state, say: () => {}, segmentBytes });
  return { state, storage };
}

interface Story {
  acts: Act[];
  diesAt: number;
  powerCut: boolean;
  dice: number[];
}

const story: fc.Arbitrary<Story> = fc.record({
  acts: fc.array(act, { minLength: 1, maxLength: 150, size: 'max' }),
  diesAt: fc.oneof(fc.nat(40), fc.nat(150)),
  powerCut: fc.boolean(),
  dice: fc.array(fc.nat(1_000_000), { minLength: 64, maxLength: 64 }),
});

const tally = { crashes: 0, cleaned: 0, tornBytes: 0 };

async function play({ acts, diesAt, powerCut, dice }: Story): Promise<void> {
  let throws = 0;
  const roll = (of: number) => (dice[throws++ % dice.length]! + throws) % of;
  const disk = new FakeDisk();
  const life = await Life.begin(disk);
  disk.diesAt = disk.steps + diesAt;
  const script = async () => {
    for (const each of acts) await life.act(each);
  };
  const died = await untilDeath(disk, script());
  if (died) tally.crashes++;
  tally.cleaned += disk.counts.remove ?? 0;
  // Whatever is still under way goes nowhere.
  disk.diesAt = 0;
  const left = powerCut ? disk.afterPowerCut(roll) : disk.afterKill();
  const { state, storage } = await recover(left);
  assert.deepEqual(storage.recovered.losses, []);
  tally.tornBytes += storage.recovered.tornBytes;
  await storage.clean();
  const found = pictureOf(state);
  const possible = life.log.pictures.slice(life.settled);
  if (!possible.includes(found))
    console.log(
      diesAt,
      powerCut,
      life.settled,
      life.log.pictures.length,
      'earlier',
      life.log.pictures.indexOf(found),
      disk.names(),
      JSON.stringify({ ...storage.recovered, live: 0 }),
      left.names(),
    );
  if (!possible.includes(found)) assert.equal(found, possible.at(-1), `none of ${possible.length} pictures`);
  // The second start finds what the first one found, though the first one was killed at once.
  const again = await recover(left.afterKill());
  assert.equal(pictureOf(again.state), found);
  assert.deepEqual(again.storage.recovered.losses, []);
}

test('what was stored is there again after a kill or a power cut at any step of the disk, and nothing else', async (t) => {
  await fc.assert(fc.asyncProperty(story, play), {
    numRuns: runs,
    endOnFailure: process.env.NOSHRINK === '1',
    ...seed,
  });
  t.diagnostic(`crashes ${tally.crashes}, files removed ${tally.cleaned}, torn bytes ${tally.tornBytes}`);
  assert.ok(tally.crashes > 0 && tally.cleaned > 0 && tally.tornBytes > 0, 'the stories are too tame');
});
