// The end of a chaos-test, for people: the ledger, and how soon it was as before after each kill.

import type { ChaosLedger, Recovery, SubmitTotals } from '@jobstorm/loadtest';
import { seconds, table, whole } from '../format.ts';
import type { Terminal } from '../terminal.ts';

export interface ChaosEnd {
  ledger: ChaosLedger;
  recoveries: readonly Recovery[];
  /** Jobs that came back after their worker was killed. */
  retried: number;
  faults: readonly string[];
  totals: SubmitTotals;
  active: { lastAckUs: number | null };
}

const shownKills = 20;

function ledgerLines({ ledger, retried }: ChaosEnd, t: Terminal): string[] {
  const lost = ledger.lost > 0 ? t.red(`lost        ${whole(ledger.lost)}`) : t.green('lost        0');
  const notes = [
    ledger.unreported > 0
      ? `${whole(ledger.unreported)} were done by a worker that died before it could report them`
      : null,
    retried > 0 ? `${whole(retried)} came back from a worker that was killed` : null,
    ledger.unanswered > 0
      ? `${whole(ledger.unanswered)} were sent while the server was away, never answered and never run: it may not have taken them`
      : null,
  ].filter((note) => note !== null);
  return [
    `  accepted    ${whole(ledger.accepted)}`,
    `  completed   ${whole(ledger.completed)}`,
    `  ${lost}`,
    `  duplicated  ${whole(ledger.duplicated)}   ${t.dim('(done again, since their worker died before it could acknowledge them)')}`,
    ...(ledger.held > 0 ? [t.yellow(`  held        ${whole(ledger.held)}   still on the job server`)] : []),
    ...notes.map((note) => t.dim(`  ${note}`)),
  ];
}

const orNever = (s: number | null): string => (s === null ? '-' : seconds(s));

function recoveryLines(recoveries: readonly Recovery[], t: Terminal): string[] {
  if (recoveries.length === 0) return [];
  const rows = recoveries
    .slice(0, shownKills)
    .map(({ atS, what, replacedS, rateBackS }) => [`at ${seconds(atS)}`, what, orNever(replacedS), orNever(rateBackS)]);
  const rest = recoveries.length - rows.length;
  return [
    '',
    ...table([['killed', '', 'replaced after', 'rate as before after'], ...rows]).map((line) => `  ${line}`),
    ...(rest > 0 ? [t.dim(`  and ${whole(rest)} more`)] : []),
  ];
}

/** The time from the last kill to the last job. */
function tailLine({ recoveries, totals, active }: ChaosEnd): string[] {
  const last = recoveries.at(-1);
  if (!last || active.lastAckUs === null || totals.firstSendUs === 0) return [];
  const tailS = (active.lastAckUs - totals.firstSendUs) / 1e6 - last.atS;
  return tailS > 0 ? [`  from the last kill to the last job: ${seconds(tailS)}`] : [];
}

/** Ends with a newline. */
export function chaosSummary(end: ChaosEnd, t: Terminal): string {
  const kills = end.recoveries.length === 1 ? '1 kill' : `${whole(end.recoveries.length)} kills`;
  const lines = [
    t.bold(`${whole(end.ledger.completed)} jobs through ${kills}, ${whole(end.ledger.lost)} lost`),
    ...ledgerLines(end, t),
    ...recoveryLines(end.recoveries, t),
    ...tailLine(end),
    ...end.faults.map((fault) => t.yellow(`  proves nothing: ${fault}`)),
  ];
  return `${lines.join('\n')}\n`;
}
