import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunView } from '@jobstorm/dashboard';
import { emptyTotals, makePlan, type RunEnd } from '@jobstorm/loadtest';
import type { RunOutcome } from '../src/run.ts';
import { shortfallOf } from '../src/shortfall.ts';

const shape = { jobtype: 'add', serviceMs: 0, payloadBytes: 0, failShare: 0 };
const plan = makePlan({ run: 'r', jobs: 100, shape, queue: 'jobstorm', via: 'batch', ratePerS: null });

function outcome(end: RunEnd, changes: Partial<RunOutcome> = {}): RunOutcome {
  return {
    end,
    totals: { ...emptyTotals(), submitted: 100, accepted: 100 },
    done: {
      completed: 90,
      failed: 0,
      retried: 0,
      duplicated: 0,
      unexpected: 0,
      firstFetchUs: 1,
      lastAckUs: 2,
      series: null,
    },
    view: { missing: () => [{ from: 10, to: 19 }] } as unknown as RunView,
    brokenParts: [],
    heldAtEnd: null,
    ...changes,
  } as RunOutcome;
}
const said = (end: RunEnd, changes?: Partial<RunOutcome>) => shortfallOf(outcome(end, changes), plan, 90_000);

test('a complete run has none', () => {
  assert.deepEqual(said('complete'), []);
});

test('each end has its reason, and says which jobs are missing', () => {
  assert.deepEqual(said('outOfPatience'), [
    'nothing moved for 90 s (--patience): 10 accepted jobs were not seen completed, sequence numbers 10-19',
  ]);
  assert.match(said('nothingLeft')[0]!, /^the job server holds no job of queue jobstorm any more: 10 /);
  assert.match(said('nothingLeft')[1]!, /may have taken them: .* queue jobstorm/);
  assert.match(said('workersGone')[0]!, /^no worker is left: 10 /);
  assert.match(said('interrupted')[0]!, /^interrupted: 10 /);
  const accepted = { ...emptyTotals(), submitted: 100, accepted: 90 };
  assert.equal(said('interrupted', { totals: accepted })[0], 'interrupted: all 90 accepted jobs were seen completed');
});

test('what the server still holds, what may have been done unseen, what was never sent', () => {
  const [, held] = said('outOfPatience', { heldAtEnd: 4 });
  assert.match(held!, /still holds 4 jobs.*; 6 may have been done/);
  const totals = { ...emptyTotals(), submitted: 95, accepted: 95 };
  assert.match(said('interrupted', { totals }).at(-1)!, /^5 jobs were not submitted$/);
});

test('parts that broke come first; without any report all are missing', () => {
  const sentences = said('workersGone', { brokenParts: ['the worker was ended by SIGKILL'], view: null });
  assert.equal(sentences[0], 'the worker was ended by SIGKILL');
  assert.match(sentences[1]!, /sequence numbers 0-99/);
});
