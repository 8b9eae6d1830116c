// The promise of the journal, against a fake disk that dies at any step: what was stored is there again, in its place and
// order, and nothing appears that was not; life after life on the same disk. JOBSTORM_TEST_SEED=SEED, which is printed, plays a run
// again and looks for the shortest story that fails.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '@jobstorm/testkit';
import fc from 'fast-check';
import type { Fsync } from '../../src/journal/fsync.ts';
import { type Dice, FakeDisk } from './fake-disk.ts';
import { type Act, act, Life } from './life.ts';

const runs = process.env.JOBSTORM_TEST_FULL === '1' ? 20_000 : 600;

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

interface Story {
  acts: Act[];
  diesAt: number;
  /** These of its steps fail, once each. */
  failsAt: number[];
  powerCut: boolean;
  /** The next start dies at this step, too; beyond the last one it does not. */
  startDiesAt: number;
}

const story: fc.Arbitrary<Story> = fc.record({
  acts: fc.array(act, { minLength: 1, maxLength: 100, size: 'max' }),
  diesAt: fc.oneof(fc.nat(40), fc.nat(150)),
  failsAt: fc.oneof(fc.array(fc.nat(150), { maxLength: 0 }), fc.array(fc.nat(150), { maxLength: 5 })),
  powerCut: fc.boolean(),
  startDiesAt: fc.oneof(fc.nat(20), fc.constant(1_000_000)),
});
const lives = fc.record({
  fsync: fc.constantFrom('always' as const, 'always' as const, 'interval' as const),
  stories: fc.array(story, { minLength: 1, maxLength: 4 }),
  dice: fc.array(fc.nat(1_000_000), { minLength: 64, maxLength: 64 }),
});

const tally = { crashes: 0, startCrashes: 0, failures: 0, cleaned: 0, tornBytes: 0 };

/** Plays one life on `disk` to its end, and gives what is left. */
async function live(
  life: Life,
  disk: FakeDisk,
  { acts, diesAt, failsAt, powerCut }: Story,
  dice: Dice,
): Promise<FakeDisk> {
  disk.diesAt = disk.steps + diesAt;
  disk.failsAt = new Set(failsAt.map((step) => disk.steps + step));
  const script = async () => {
    for (const each of acts) await life.act(each);
  };
  if (await untilDeath(disk, script())) tally.crashes++;
  tally.failures += [...disk.failsAt].filter((step) => step <= disk.steps).length;
  tally.cleaned += disk.counts.remove ?? 0;
  return ended(disk, powerCut, dice);
}

/** What is left of a disk; whatever is still under way on it goes nowhere. */
function ended(disk: FakeDisk, powerCut: boolean, dice: Dice): FakeDisk {
  disk.diesAt = 0;
  return powerCut ? disk.afterPowerCut(dice) : disk.afterKill();
}

async function play({ fsync, stories, dice }: { fsync: Fsync; stories: Story[]; dice: number[] }): Promise<void> {
  let throws = 0;
  const roll = (of: number) => (dice[throws++ % dice.length]! + throws) % of;
  let disk = new FakeDisk();
  let life = await Life.begin(disk, fsync);
  for (const told of stories) {
    // A power cut may take from `interval` what a kill may not.
    const each = { ...told, powerCut: told.powerCut && fsync === 'always' };
    disk = await live(life, disk, each, roll);
    disk.diesAt = each.startDiesAt;
    const start = Life.begin(disk, fsync, life.jobs).then(() => {});
    if (await untilDeath(disk, start)) tally.startCrashes++;
    disk = ended(disk, each.powerCut, roll);
    const next = await Life.begin(disk, fsync, life.jobs);
    const { losses, tornBytes } = next.storage.recovered;
    assert.deepEqual(losses, []);
    tally.tornBytes += tornBytes;
    const { possible } = life;
    if (!possible.includes(next.first))
      assert.equal(next.first, possible.at(-1), `none of ${possible.length} pictures`);
    life = next;
  }
  await life.storage.clean();
  const again = await Life.begin(disk.afterKill(), fsync);
  assert.equal(again.first, life.first);
  assert.deepEqual(again.storage.recovered.losses, []);
}

test('what was stored is there again after kills and power cuts at any step of the disk, and nothing else', async (t) => {
  const seed = testSeed();
  t.diagnostic(`JOBSTORM_TEST_SEED=${seed} plays these ${runs} stories again`);
  const endOnFailure = process.env.JOBSTORM_TEST_SEED === undefined;
  await fc.assert(fc.asyncProperty(lives, play), { numRuns: runs, seed, endOnFailure });
  const { crashes, startCrashes, failures, cleaned, tornBytes } = tally;
  t.diagnostic(
    `${crashes} crashes at work, ${startCrashes} at a start, ${failures} failures; ${cleaned} files removed, ${tornBytes} torn bytes`,
  );
  assert.ok(crashes > 0 && startCrashes > 0 && cleaned > 0 && tornBytes > 0, 'the stories are too tame');
});
