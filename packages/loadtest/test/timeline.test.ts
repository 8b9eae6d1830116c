import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Histogram } from '@jobstorm/telemetry';
import { noCounts, Timeline, type TimelineParts, type TimelineReading } from '../src/timeline.ts';
import { histogramOf } from './fixtures.ts';

const noParts: TimelineParts = { generator: null, api: null, server: null, workers: null };
const worker = (usedCores: number, rssBytes: number) => ({
  usedCores,
  capCores: 2,
  throttledShare: null,
  rssBytes,
  handles: 10,
});

function reading(atS: number, completed: number, changes: Partial<TimelineReading> = {}): TimelineReading {
  const counts = { ...noCounts, completed };
  return { atS, counts, latency: null, queueDepth: null, slots: null, parts: noParts, ...changes };
}

describe('Timeline', () => {
  it('tells what happened between readings, not what was true so far', () => {
    const timeline = new Timeline();
    timeline.add(reading(0.5, 100, { latency: histogramOf(1000, 1000) }));
    const sample = timeline.add(reading(1.5, 250, { latency: histogramOf(1000, 1000, 9000), queueDepth: 7 }))!;
    assert.deepEqual([sample.lengthS, sample.counts.completed, sample.queueDepth], [1, 150, 7]);
    assert.equal(sample.latencyUs!.count, 1);
    assert.ok(Math.abs(sample.latencyUs!.p50 / 9000 - 1) < 0.001, 'the earlier jobs are not in it');
  });

  it('what the end cut off goes into the sample before it, so that no rate is of a moment', () => {
    const timeline = new Timeline();
    timeline.add(reading(0.5, 100));
    const sample = timeline.add(reading(0.51, 130))!;
    assert.equal(sample.counts.completed, 30, 'as it came');
    assert.deepEqual(
      timeline.samples.map(({ lengthS, counts }) => [lengthS, counts.completed]),
      [[0.51, 130]],
    );
  });

  it('leaves out a reading of the same moment, and has no latency where no job ended', () => {
    const timeline = new Timeline();
    assert.equal(timeline.add(reading(1, 5))!.latencyUs, null);
    assert.equal(timeline.add(reading(1, 9)), null);
    assert.equal(timeline.samples.length, 1);
  });

  it('never tells of fewer than none: a sum that fell is made good later', () => {
    const timeline = new Timeline();
    const counts = [10, 4, 12].map((completed, at) => timeline.add(reading(at + 1, completed))!.counts.completed);
    assert.deepEqual(counts, [10, 0, 2]);
  });

  it('stays within its limit over hours; counts add up, and percentiles are those of all jobs of a stretch', () => {
    const timeline = new Timeline(8);
    const all = new Histogram();
    for (let at = 1; at <= 1000; at++) {
      for (let job = 0; job < 10; job++) all.record(at * 100 + job);
      const latency = Histogram.fromJSON(all.toJSON());
      const parts = { ...noParts, workers: worker(at % 2, at) };
      timeline.add(reading(at * 0.5, at * 10, { latency, parts, queueDepth: at % 50 }));
      assert.ok(timeline.samples.length <= 8, `${timeline.samples.length} samples`);
    }
    const { samples } = timeline;
    assert.ok(samples.length >= 4);
    const sum = (of: (sample: (typeof samples)[number]) => number) => samples.reduce((so, each) => so + of(each), 0);
    assert.deepEqual(
      [sum(({ lengthS }) => lengthS), sum(({ counts }) => counts.completed), sum((each) => each.latencyUs!.count)],
      [500, 10_000, 10_000],
    );
    assert.equal(samples.at(-1)!.atS, 500);
    let fromS = 0;
    for (const { atS, latencyUs, parts, queueDepth, lengthS } of samples) {
      const [first, last] = [fromS * 2 + 1, atS * 2];
      const middle = ((first + last) / 2) * 100;
      assert.ok(Math.abs(latencyUs!.p50 / middle - 1) < 0.02, `p50 ${latencyUs!.p50} of ${first} to ${last}`);
      assert.ok(Math.abs(parts.workers!.usedCores! - 0.5) < 0.01 && parts.workers!.rssBytes === last);
      if (lengthS >= 25) assert.equal(queueDepth, 49, 'the deepest of the stretch');
      fromS = atS;
    }
  });

  it('keeps a figure that is known in one of two stretches', () => {
    const timeline = new Timeline(2);
    timeline.add(reading(1, 1, { queueDepth: 3, oldestJobS: 4, parts: { ...noParts, workers: worker(1, 5) } }));
    timeline.add(reading(2, 1, { oldestJobS: 2 }));
    timeline.add(reading(3, 1));
    const [first] = timeline.samples;
    assert.equal(first!.lengthS, 2);
    assert.deepEqual([first!.queueDepth, first!.oldestJobS, first!.parts.workers], [3, 4, worker(1, 5)]);
  });

  it('keeps the mean over time of what went over the network', () => {
    const timeline = new Timeline(2);
    timeline.add(reading(1, 1, { network: { inPerS: 100, outPerS: 10 } }));
    timeline.add(reading(4, 1, { network: { inPerS: 500, outPerS: 50 } }));
    timeline.add(reading(5, 1));
    assert.deepEqual(timeline.samples[0]!.network, { inPerS: 400, outPerS: 40 });
    assert.equal(timeline.samples[1]!.network, null);
  });

  it('bounds its marks', () => {
    const timeline = new Timeline();
    for (let at = 0; at < 10_000; at++) timeline.mark(at, 'again');
    assert.equal(timeline.marks.length, 500);
  });
});
