import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLive, type LiveMoment } from '../src/live-verdict.ts';
import { someMeasurements } from './fixtures.ts';

const moment = (atS: number, completed: number, service: LiveMoment['service'] = null): LiveMoment => {
  return { atS, accepted: completed, completed, service };
};
const rest = { ...someMeasurements(), slots: 100 };
const depths = (depth: number) => Array.from({ length: 20 }, (_, at) => ({ atS: at / 2, depth }));

test('only the last seconds count: slots that were busy and are so no more', () => {
  const before = moment(4, 1000, { sumUs: 200e6, count: 1000 });
  const busy = judgeLive(moment(2, 500, { sumUs: 10e6, count: 500 }), before, depths(5000), rest)!;
  assert.equal(busy.bottleneck, 'slots');
  assert.match(busy.evidence[0]!, /^95% of 100 slots/);
  const idle = judgeLive(before, moment(6, 1100, { sumUs: 200e6 + 1000, count: 1100 }), depths(0), rest)!;
  assert.notEqual(idle.bottleneck, 'slots');
});

test('the queue is looked at since the first of the two moments', () => {
  const samples = [...depths(90_000).filter(({ atS }) => atS <= 5), { atS: 5.5, depth: 0 }, { atS: 6, depth: 0 }];
  const server = { usedCores: 0.95, capCores: 1 };
  const cpu = { ...rest.cpu, server };
  const evidenceSince = (atS: number) =>
    judgeLive(moment(atS, 1000), moment(6.5, 90_000), samples, { ...rest, cpu })!.evidence.join();
  assert.match(evidenceSince(1), /held up to 90,000 jobs/);
  assert.match(evidenceSince(5), /short most of the time \(0 jobs at most\)/);
});

test('under a second says nothing', () => {
  assert.equal(judgeLive(moment(1, 10), moment(1.9, 20), [], rest), null);
});
