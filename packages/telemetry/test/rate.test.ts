import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkRateSeries, mergeRateSeries, RATE_MAX_BUCKETS, RateCounter } from '../src/rate.ts';
import type { RateSeries } from '../src/snapshot.ts';

const START_MS = 1_750_000_000_000;

function seriesOf(timesMs: readonly number[]): RateSeries {
  const counter = new RateCounter();
  for (const ms of timesMs) counter.add(ms * 1000);
  return counter.toJSON();
}

function total({ counts }: RateSeries): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Start of every bucket that counted something, to its count. */
function byStart({ bucketMs, firstBucket, counts }: RateSeries): Map<number, number> {
  const starts = counts.map((count, i) => [(firstBucket + i) * bucketMs, count] as const);
  return new Map(starts.filter(([, count]) => count > 0));
}

const times = fc.array(fc.integer({ min: START_MS, max: START_MS + 60_000 }), { maxLength: 200 });

describe('RateCounter', () => {
  it('counts per 100 ms of epoch time, whatever the order', () => {
    fc.assert(
      fc.property(times, (all) => {
        const expected = new Map<number, number>();
        for (const ms of all)
          expected.set(Math.floor(ms / 100) * 100, (expected.get(Math.floor(ms / 100) * 100) ?? 0) + 1);
        const series = seriesOf(all);
        assert.equal(series.bucketMs, 100);
        assert.deepEqual(new Map([...byStart(series)].sort()), new Map([...expected].sort()));
      }),
    );
  });

  it('adds several at once', () => {
    const counter = new RateCounter();
    counter.add(START_MS * 1000, 3);
    counter.add(START_MS * 1000 + 99_999, 4);
    assert.deepEqual(counter.toJSON(), { bucketMs: 100, firstBucket: START_MS / 100, counts: [7] });
  });

  it('keeps within its size by doubling the width, and loses no count', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: START_MS, max: START_MS + 86_400_000 }), { minLength: 1, maxLength: 100 }),
        (all) => {
          const series = seriesOf(all);
          assert.ok(series.counts.length <= RATE_MAX_BUCKETS);
          assert.equal(total(series), all.length);
          const expected = new Map<number, number>();
          for (const ms of all) {
            const start = Math.floor(ms / series.bucketMs) * series.bucketMs;
            expected.set(start, (expected.get(start) ?? 0) + 1);
          }
          assert.deepEqual(new Map([...byStart(series)].sort()), new Map([...expected].sort()));
        },
      ),
    );
  });

  it('is 800 ms wide for a run of an hour', () => {
    const series = seriesOf([START_MS, START_MS + 3_000_000]);
    assert.equal(series.bucketMs, 800);
  });

  it('merged from parts equals one that counted everything', () => {
    fc.assert(
      fc.property(fc.array(times, { maxLength: 4 }), (parts) => {
        assert.deepEqual(byStart(mergeRateSeries(parts.map(seriesOf))), byStart(seriesOf(parts.flat().sort())));
      }),
    );
  });

  it('merges narrow series into wide ones and wide into narrow', () => {
    const long = seriesOf([START_MS, START_MS + 3_000_000]);
    const short = seriesOf([START_MS + 100, START_MS + 900]);
    for (const merged of [mergeRateSeries([long, short]), mergeRateSeries([short, long])]) {
      assert.equal(merged.bucketMs, 800);
      assert.equal(total(merged), 4);
      assert.equal(byStart(merged).get(START_MS), 2);
      assert.equal(byStart(merged).get(START_MS + 800), 1);
    }
  });

  it('leaves out times that are none', () => {
    const counter = new RateCounter();
    for (const us of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) counter.add(us);
    assert.deepEqual(counter.toJSON(), { bucketMs: 100, firstBucket: 0, counts: [] });
  });

  it('refuses series that no counter made', () => {
    const good: RateSeries = { bucketMs: 100, firstBucket: 1, counts: [1, 0, 2] };
    checkRateSeries(good);
    const bad: Partial<RateSeries>[] = [
      { bucketMs: 0 },
      { bucketMs: 150 },
      { bucketMs: 50 },
      { bucketMs: 100 * 2 ** 31 },
      { firstBucket: -1 },
      { firstBucket: 2 ** 52 },
      { counts: [1.5] },
      { counts: [-1] },
      { counts: new Array(RATE_MAX_BUCKETS + 1).fill(0) },
    ];
    for (const change of bad)
      assert.throws(() => mergeRateSeries([{ ...good, ...change }]), RangeError, JSON.stringify(change));
  });
});
