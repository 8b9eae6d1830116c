import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Run } from '../src/run.ts';
import { RunLine } from '../src/run-line.ts';

const makeRun = (jid: string) => new Run({ jid, jobtype: 'x', args: [] }, null, 0, { answered() {}, unanswered() {} });

test('whatever is pushed and taken in which order: first in, first out', () => {
  const steps = fc.array(fc.record({ push: fc.nat(3000), take: fc.nat(3000) }), { maxLength: 6 });
  fc.assert(
    fc.property(steps, (all) => {
      const line = new RunLine();
      const model: Run[] = [];
      for (const { push, take } of all) {
        for (let i = 0; i < push; i++) {
          const run = makeRun(String(i));
          line.push(run);
          model.push(run);
        }
        const taken = Array.from({ length: take }, () => line.shift()).filter((run) => run !== undefined);
        const expected = model.splice(0, take);
        assert.ok(taken.length === expected.length && taken.every((run, at) => run === expected[at]));
        assert.equal(line.length, model.length);
        assert.equal(line.first, model[0]);
      }
      const left = line.takeAll();
      assert.ok(left.length === model.length && left.every((run, at) => run === model[at]));
      assert.equal(line.length, 0);
    }),
    { numRuns: 50 },
  );
});
