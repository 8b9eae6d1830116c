// Says why a run ended before its last job, and what is missing.

import { describeRanges, failureIsFinal, type RunPlan } from '@jobstorm/loadtest';
import { whole } from './format.ts';
import type { RunOutcome } from './run.ts';

const because = (o: RunOutcome, plan: RunPlan, patienceMs: number): string => {
  switch (o.end) {
    case 'complete':
      return '';
    case 'interrupted':
      return 'interrupted';
    case 'outOfPatience':
      return `nothing moved for ${patienceMs / 1000} s (--patience)`;
    case 'nothingLeft':
      return `the job server holds no job of queue ${plan.queue} any more`;
    case 'workersGone':
      return 'no worker is left';
  }
};

/** Sentences; none for a run that is complete. */
export function shortfallOf(o: RunOutcome, plan: RunPlan, patienceMs: number): string[] {
  const { end, totals, done, view, brokenParts, heldAtEnd } = o;
  const sentences = [...brokenParts];
  if (end === 'complete') return sentences;
  const ended = done.completed + (failureIsFinal(plan) ? done.failed : 0);
  const missing = Math.max(0, totals.accepted - ended);
  const ranges = view ? view.missing(totals.submitted) : [{ from: 0, to: totals.submitted - 1 }];
  const which = totals.submitted > 0 ? `, sequence numbers ${describeRanges(ranges)}` : '';
  const seen =
    missing === 0
      ? `all ${whole(totals.accepted)} accepted jobs were seen completed`
      : `${whole(missing)} accepted jobs were not seen completed${which}`;
  sentences.push(`${because(o, plan, patienceMs)}: ${seen}`);
  if (end === 'nothingLeft' && missing > 0) {
    sentences.push(
      `workers that do not report to this run may have taken them: see which others fetch from queue ${plan.queue}, or give the run a --queue of its own`,
    );
  }
  if (heldAtEnd !== null && heldAtEnd > 0) {
    const unseen = end === 'interrupted' ? 0 : missing - heldAtEnd;
    const rest =
      unseen > 0 ? `; ${whole(unseen)} may have been done by a worker that could not report it any more` : '';
    sentences.push(`the job server still holds ${whole(heldAtEnd)} jobs, waiting, running or to be retried${rest}`);
  }
  const unsent = plan.jobs - totals.submitted;
  if (unsent > 0) sentences.push(`${whole(unsent)} jobs were not submitted`);
  return sentences;
}
