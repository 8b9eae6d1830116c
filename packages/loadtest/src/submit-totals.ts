// What a generator counts, as it goes from one process to another, and several of them added up. Pure.

import { emptyTotals, type SubmitTotals } from './submit.ts';

/** The totals as JSON. */
export interface TotalsData extends Omit<SubmitTotals, 'refused'> {
  refused: [reason: string, count: number][];
}

export function totalsData(totals: SubmitTotals): TotalsData {
  return { ...totals, refused: [...totals.refused] };
}

/** Adds up what several generators counted, into `sum`, which is emptied before. */
export function sumTotals(all: readonly TotalsData[], sum: SubmitTotals): SubmitTotals {
  const { refused: _, ...empty } = emptyTotals();
  Object.assign(sum, empty);
  sum.refused.clear();
  for (const { refused, ...one } of all) {
    for (const [reason, count] of refused) sum.refused.set(reason, (sum.refused.get(reason) ?? 0) + count);
    for (const name of ['submitted', 'accepted', 'uncertain', 'dropped'] as const) sum[name] += one[name];
    sum.uncertainReason ??= one.uncertainReason;
    sum.waitingFor ??= one.waitingFor;
    if (one.firstSendUs > 0 && (sum.firstSendUs === 0 || one.firstSendUs < sum.firstSendUs)) {
      sum.firstSendUs = one.firstSendUs;
    }
    sum.lastReplyUs = Math.max(sum.lastReplyUs, one.lastReplyUs);
  }
  return sum;
}

/** What is known of a generator that ended in the middle: of its `share` of the jobs, whatever was not answered for may have been sent. */
export function totalsOfLost(last: TotalsData, share: number, reason: string): TotalsData {
  const refusals = last.refused.reduce((count, [, some]) => count + some, 0);
  const known = last.accepted + refusals + last.dropped;
  const uncertain = Math.max(last.uncertain, share - known);
  return {
    ...last,
    submitted: share - last.dropped,
    uncertain,
    uncertainReason: last.uncertainReason ?? reason,
    waitingFor: null,
  };
}
