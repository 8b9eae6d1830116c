import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '@jobstorm/testkit';
import fc from 'fast-check';
import { BacklogGate, TideGate } from '../src/gate.ts';

test('a backlog is topped up to its size, for its time', () => {
  const gate = new BacklogGate({ jobs: 1000, durationMs: 5000 });
  assert.equal(gate.limit(0), 1000);
  gate.observe(400, 1000);
  assert.equal(gate.limit(10), 1600, 'the 600 that were taken are made good');
  gate.observe(1000, 1000);
  assert.equal(gate.limit(20), 1600, 'what was let through stays so');
  assert.deepEqual([gate.over(4999), gate.over(5000)], [false, true]);
});

test('a backlog that is told so ends before its time', () => {
  const gate = new BacklogGate({ jobs: 1000, durationMs: 5000 });
  gate.limit(0);
  assert.equal(gate.over(100), false);
  gate.end();
  assert.equal(gate.over(100), true);
});

test('tides share all jobs between them, each let through when the one before has ended', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 20, max: 10_000 }), (tides, jobs) => {
      const gate = new TideGate({ jobs, tides });
      for (let tide = 0; tide < tides; tide++) {
        const submitted = gate.limit();
        assert.equal(gate.built({ submitted: submitted - 1, firstSendUs: 1, builtUs: 2 }), false);
        assert.equal(gate.built({ submitted, firstSendUs: 1, builtUs: 2 }), true);
        assert.equal(gate.limit(), submitted, 'the next one waits for the drain');
        assert.deepEqual([gate.drained(7 + tide), gate.drained(99)], [true, false]);
      }
      assert.equal(gate.limit(), jobs);
      assert.equal(
        gate.tides.reduce((sum, tide) => sum + tide.jobs, 0),
        jobs,
      );
      assert.deepEqual(
        gate.tides.map(({ drainedUs }) => drainedUs),
        gate.tides.map((_, tide) => 7 + tide),
      );
      assert.equal(gate.built({ submitted: jobs, firstSendUs: 1, builtUs: 2 }), false, 'there is no more');
    }),
    { seed: testSeed() },
  );
});
