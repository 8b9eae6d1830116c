import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/random.ts';
import { type Glimpse, hasLost } from '../../src/tune/lost-trial.ts';

const rate = { kind: 'rate' } as const;

function glimpse(perS: number, usedCores: number | null = 1): Glimpse {
  return { lengthS: 0.5, counts: { completed: perS / 2 }, parts: { workers: { usedCores } } };
}

/** The half seconds of a run at that rate, each off by so much; the first one is half empty. */
function* glimpses(perS: number, noise: number, random: () => number): Generator<Glimpse> {
  yield glimpse(perS / 2);
  for (;;) yield glimpse(perS * (1 + noise * (random() + random() + random() - 1.5) * 2));
}

/** Seconds after which a trial at that rate is given up; null: it goes on to its end after 5 s. */
function endedAfterS(perS: number, lostBelow: number, noise: number, random: () => number): number | null {
  const seen: Glimpse[] = [];
  for (const each of glimpses(perS, noise, random)) {
    seen.push(each);
    if (hasLost(rate, seen, lostBelow)) return seen.length / 2;
    if (seen.length === 10) return null;
  }
  return null;
}

test('a trial that can still win is never given up, whatever the noise', () => {
  const random = seededRandom(7);
  for (let trial = 0; trial < 2000; trial++) {
    const noise = 0.02 + 0.2 * random();
    assert.equal(endedAfterS(10_000, 8000, noise, random), null, 'it is as good as the best');
    assert.equal(endedAfterS(8200, 8000, noise, random), null, 'it is close enough to be measured to its end');
  }
});

test('a trial at half the rate of the best is given up long before its end', () => {
  const random = seededRandom(8);
  for (let trial = 0; trial < 200; trial++) {
    const afterS = endedAfterS(5000, 8000, 0.05, random);
    assert.ok(afterS !== null && afterS <= 3, `${afterS}`);
  }
});

test('its first half second says nothing, nor do fewer than three others, nor one without a limit', () => {
  const slow = Array.from({ length: 8 }, () => glimpse(100));
  assert.equal(hasLost(rate, slow.slice(0, 3), 8000), false);
  assert.equal(hasLost(rate, slow.slice(0, 4), 8000), true);
  assert.equal(hasLost(rate, slow, 0), false);
});

test('one that stands still for a while goes on', () => {
  const halting = [9000, 9000, 9000, 0, 0].map((perS) => glimpse(perS));
  assert.equal(hasLost(rate, halting, 8000), false);
});

test('for the rate a core it is judged by the CPU that the workers used, and not at all while that is not known', () => {
  const goal = { kind: 'rate-per-core' } as const;
  const cores = (used: number | null) => Array.from({ length: 5 }, () => glimpse(10_000, used));
  assert.equal(hasLost(goal, cores(1), 8000), false);
  assert.equal(hasLost(goal, cores(2), 8000), true);
  assert.equal(hasLost(goal, cores(null), 8000), false);
});
