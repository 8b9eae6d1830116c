import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyTotals } from '../src/submit.ts';
import { sumTotals, type TotalsData, totalsData, totalsOfLost } from '../src/submit-totals.ts';

const some = (more: Partial<TotalsData>): TotalsData => ({ ...totalsData(emptyTotals()), ...more });

test('what several generators counted adds up, whatever was in the sum before', () => {
  const sum = { ...emptyTotals(), accepted: 99, waitingFor: 'old', refused: new Map([['old', 1]]) };
  const all = [
    some({ submitted: 10, accepted: 7, refused: [['full', 3]], firstSendUs: 500, lastReplyUs: 900 }),
    some({ submitted: 5, uncertain: 5, uncertainReason: 'hung up', firstSendUs: 400, lastReplyUs: 0 }),
    some({ dropped: 4, refused: [['full', 1]], waitingFor: 'busy' }),
  ];
  assert.equal(sumTotals(all, sum), sum, 'the one that everybody watches');
  assert.deepEqual(sum, {
    submitted: 15,
    accepted: 7,
    refused: new Map([['full', 4]]),
    uncertain: 5,
    uncertainReason: 'hung up',
    dropped: 4,
    waitingFor: 'busy',
    firstSendUs: 400,
    lastReplyUs: 900,
  });
  assert.deepEqual(totalsData(sum).refused, [['full', 4]]);
});

test('of a generator that was lost, what it had not answered for is uncertain', () => {
  const last = some({ submitted: 60, accepted: 50, refused: [['no', 2]], uncertain: 1, uncertainReason: null });
  const lost = totalsOfLost(last, 100, 'ended by SIGKILL');
  assert.deepEqual(
    [lost.submitted, lost.accepted, lost.uncertain, lost.uncertainReason],
    [100, 50, 48, 'ended by SIGKILL'],
  );
});
