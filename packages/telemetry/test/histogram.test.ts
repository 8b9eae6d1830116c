import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkHistogramData, Histogram, type HistogramData } from '../src/histogram.ts';

const PERCENTILES = [0, 1, 10, 25, 50, 75, 90, 95, 99, 99.9, 100];

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** The nearest-rank percentile by sorting. */
function exactPercentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((p * sorted.length) / 100)) - 1]!;
}

// Spread over every magnitude rather than crowded at the top of the range.
const value = fc
  .tuple(fc.integer({ min: 0, max: 41 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([bits, share]) => Math.floor(2 ** bits * (1 + share)) - 1);
const values = fc.array(value, { minLength: 1, maxLength: 300 });

describe('Histogram', () => {
  it('gives percentiles at most 0.1% above the exact ones and never below them', () => {
    fc.assert(
      fc.property(values, (all) => {
        const histogram = histogramOf(all);
        for (const p of PERCENTILES) {
          const exact = exactPercentile(all, p);
          const given = histogram.percentile(p);
          assert.ok(given >= exact && given <= exact * 1.001, `p${p}: ${given}, exact ${exact}`);
        }
      }),
    );
  });

  it('is exact below 2,048 us', () => {
    for (let us = 0; us < 2048; us++) {
      const histogram = histogramOf([us, 1_000_000]);
      assert.equal(histogram.percentile(50), us);
    }
  });

  it('keeps the exact count, maximum and mean', () => {
    fc.assert(
      fc.property(values, (all) => {
        const histogram = histogramOf(all);
        assert.equal(histogram.count, all.length);
        assert.equal(histogram.max, Math.max(...all));
        assert.equal(histogram.mean, all.reduce((sum, one) => sum + one, 0) / all.length);
        assert.equal(histogram.percentile(100), histogram.max);
      }),
    );
  });

  it('merged from parts equals one that recorded everything', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), (parts) => {
        const all = histogramOf(parts.flat()).toJSON();
        const merged = new Histogram();
        const mergedFromData = new Histogram();
        for (const part of parts) {
          merged.merge(histogramOf(part));
          mergedFromData.mergeData(histogramOf(part).toJSON());
        }
        assert.deepEqual(merged.toJSON(), all);
        assert.deepEqual(mergedFromData.toJSON(), all);
      }),
    );
  });

  it('tells what came since an earlier state', () => {
    fc.assert(
      fc.property(values, values, (before, later) => {
        const earlier = histogramOf(before);
        const rest = histogramOf([...before, ...later]).since(earlier);
        const expected = histogramOf(later);
        assert.deepEqual(rest.toJSON().buckets, expected.toJSON().buckets);
        assert.equal(rest.mean, expected.mean);
        assert.ok(rest.max >= expected.max && rest.max <= expected.max * 1.001);
      }),
    );
    const full = histogramOf([1, 2]);
    assert.equal(full.since(full).count, 0);
  });

  it('survives JSON', () => {
    fc.assert(
      fc.property(values, (all) => {
        const data = histogramOf(all).toJSON();
        const text = JSON.stringify(data);
        assert.deepEqual(Histogram.fromJSON(JSON.parse(text)).toJSON(), data);
      }),
    );
  });

  it('a sum that is kept by what is new in each equals one that was merged anew', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), values), { maxLength: 12 }), (steps) => {
        const parts = [0, 1, 2].map(() => ({ truth: new Histogram(), own: new Histogram() }));
        const sum = new Histogram();
        for (const [at, more] of steps) {
          const { truth, own } = parts[at]!;
          for (const value of more) truth.record(value);
          own.advance(truth.toJSON(), sum);
          assert.deepEqual(own.toJSON(), truth.toJSON());
        }
        const anew = new Histogram();
        for (const { truth } of parts) anew.merge(truth);
        assert.deepEqual(sum.toJSON(), anew.toJSON());
      }),
    );
  });

  it('what changed since it was told leads to the same state, and is no more than that', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), (steps) => {
        const [truth, told, own, sum] = [new Histogram(), new Histogram(), new Histogram(), new Histogram()];
        for (const more of steps) {
          for (const value of more) truth.record(value);
          const data: HistogramData = JSON.parse(JSON.stringify(truth.changesSince(told)));
          checkHistogramData(data);
          assert.ok(data.buckets.length <= 2 * new Set(more).size, 'a bucket that did not change is left out');
          own.advance(data, sum);
          assert.deepEqual([own.toJSON(), sum.toJSON()], [truth.toJSON(), truth.toJSON()]);
        }
        assert.deepEqual(truth.changesSince(told).buckets, []);
      }),
      { seed: 1 },
    );
  });

  it('changes that follow on something that was lost are refused', () => {
    const [truth, told, own, sum] = [histogramOf([5, 5]), new Histogram(), new Histogram(), new Histogram()];
    truth.changesSince(told);
    truth.record(9);
    const changes = truth.changesSince(told);
    assert.throws(() => own.advance(changes, sum), /histogram of 3 values comes to 1 by its changes/);
    own.advance(truth.toJSON(), sum);
    assert.deepEqual([own.toJSON(), sum.toJSON()], [truth.toJSON(), truth.toJSON()]);
    assert.throws(() => new Histogram().mergeData(changes), /not all of it/);
    assert.throws(() => checkHistogramData({ ...changes, max: 2 }), /maximum/);
    assert.throws(() => checkHistogramData({ ...changes, count: 0 }), /holds 1/);
  });

  it('a state that is not a later one is taken as it is too', () => {
    const [first, other, sum] = [new Histogram(), histogramOf([7]), new Histogram()];
    other.advance(histogramOf([7]).toJSON(), sum);
    sum.merge(histogramOf([7]));
    first.advance(histogramOf([5, 5, 900_000]).toJSON(), sum);
    first.advance(histogramOf([5, 6]).toJSON(), sum);
    assert.deepEqual(first.toJSON(), histogramOf([5, 6]).toJSON());
    assert.deepEqual(sum.toJSON().buckets, histogramOf([5, 6, 7]).toJSON().buckets);
  });

  it('counts what is no time as 0, cuts fractions, and takes the endless as its limit', () => {
    const histogram = histogramOf([-5, Number.NaN, Number.NEGATIVE_INFINITY, 0.9]);
    assert.deepEqual(histogram.toJSON(), { count: 4, sum: 0, max: 0, buckets: [0, 4] });
    histogram.record(Number.POSITIVE_INFINITY);
    assert.equal(histogram.max, 2 ** 42 - 1);
    assert.equal(histogram.percentile(100), 2 ** 42 - 1);
  });

  it('tells values over an hour apart, across 2^31 and 2^32', () => {
    for (const us of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 3_600_000_000, 7_200_000_001]) {
      const given = histogramOf([us, 2 ** 41]).percentile(50);
      assert.ok(given >= us && given <= us * 1.001, `${us} came back as ${given}`);
    }
  });

  it('answers 0 when empty, and is empty after clear', () => {
    const histogram = histogramOf([1, 5000, 10_000_000]);
    histogram.clear();
    assert.equal(histogram.percentile(99), 0);
    assert.equal(histogram.mean, 0);
    assert.deepEqual(histogram.toJSON(), new Histogram().toJSON());
  });

  it('does not add a rank by rounding: p99.9 of 1,000 values is the 999th', () => {
    const histogram = histogramOf(Array.from({ length: 1000 }, (_, i) => i));
    assert.equal(histogram.percentile(99.9), 998);
    assert.equal(histogram.percentile(7), 69);
  });

  it('counts the values up to a bound, those of its bucket among them', () => {
    fc.assert(
      fc.property(values, value, (all, bound) => {
        const histogram = histogramOf(all);
        const atLeast = all.filter((each) => each <= bound).length;
        const atMost = all.filter((each) => each <= bound * (1 + 1 / 1024)).length;
        const count = histogram.countUpTo(bound);
        assert.ok(count >= atLeast && count <= atMost, `${count} of ${atLeast} to ${atMost}`);
      }),
    );
    assert.equal(new Histogram().countUpTo(5), 0);
    assert.equal(histogramOf([3]).countUpTo(2), 0);
  });

  it('refuses data that no histogram made, and stays as it was', () => {
    const good: HistogramData = { count: 2, sum: 6, max: 5, buckets: [1, 1, 5, 1] };
    checkHistogramData(good);
    const bad: Partial<HistogramData>[] = [
      { count: 3 },
      { buckets: [1, 1, 5] },
      { buckets: [5, 1, 1, 1] },
      { buckets: [1, 1, 1, 1] },
      { buckets: [1, 2, 5, 0] },
      { buckets: [-1, 1, 5, 1] },
      { buckets: [1.5, 1, 5, 1] },
      { buckets: [1, 1, 1e9, 1] },
      { max: 6 },
      { max: 2 ** 50 },
      { sum: Number.NaN },
      { sum: -1 },
    ];
    for (const change of bad) {
      const histogram = histogramOf([7]);
      assert.throws(() => histogram.mergeData({ ...good, ...change }), RangeError, JSON.stringify(change));
      assert.deepEqual(histogram.toJSON(), histogramOf([7]).toJSON());
    }
  });
});
