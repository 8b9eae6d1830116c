// Sends the ten mixed jobs on a cluster that is up, follows them, and shows what became of each beside what should have.

import { ExitCode } from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { table } from './format.ts';
import { endsOf, type JobEnd, mixedJobs, mixedTexts } from './mixed-batch.ts';
import { ProgressLine } from './progress.ts';
import { type RunOutcome, runPlan } from './run.ts';
import type { Errand } from './run-command.ts';
import { shortfallOf } from './shortfall.ts';
import type { Terminal } from './terminal.ts';

function tableText(ends: readonly JobEnd[], t: Terminal): string {
  const rows = mixedJobs.map(({ type, args, should }, seq) => {
    const shown = JSON.stringify(args).replace(/^\[|\]$/g, '');
    return [`${String(seq).padStart(2)}  ${type.padEnd(8)}  ${shown}`, should, ends[seq]!];
  });
  const [head, ...lines] = table([[' #  job', 'should be', 'was'], ...rows]);
  const marked = lines.map((line, seq) =>
    ends[seq] === mixedJobs[seq]!.should ? `${line}  ${t.green('ok')}` : `${line}  ${t.red('WRONG')}`,
  );
  return [head, ...marked].map((line) => `  ${line}\n`).join('');
}

/** The exit code: lost or duplicated jobs count above other wrong ends. */
export function batchCode(ends: readonly JobEnd[], accepted: number, duplicated: number): ExitCode {
  const lost = accepted - ends.filter((end) => end !== 'no answer').length;
  if (lost > 0 || duplicated > 0) return ExitCode.jobsLostOrDuplicated;
  return ends.every((end, seq) => end === mixedJobs[seq]!.should) ? ExitCode.good : ExitCode.anythingElse;
}

function troubles({ totals, done }: RunOutcome): string[] {
  const sentences = [...totals.refused].map(([reason, count]) => `${count} jobs were refused: ${reason}`);
  if (totals.uncertain > 0) sentences.push(`no answer to the request: ${totals.uncertainReason}`);
  if (done.duplicated > 0) sentences.push(`${done.duplicated} jobs were acknowledged more than once`);
  return sentences;
}

/** Resolves with the exit code: 0 when all ten ended as they should. */
export async function batchErrand({ config, context, cluster, interrupt, terminal: t }: Errand): Promise<number> {
  // Without retries the failure of the one that has to fail is its end.
  const plan = { ...context.plan, jobs: mixedJobs.length, retry: 0 };
  const outcome = await runPlan({
    plan,
    cluster,
    patienceMs: config.values.patienceMs,
    perRequest: plan.jobs,
    texts: mixedTexts(plan),
    interrupt: interrupt.signal,
    progress: new ProgressLine(t, performance.now()),
    serverName: describeAddress(cluster.address),
  });
  const { view, done, totals } = outcome;
  const ends = endsOf({ has: (seq) => view?.has(seq) ?? false, failed: done.failed });
  t.write(tableText(ends, t));
  for (const sentence of [...troubles(outcome), ...shortfallOf(outcome, plan, config.values.patienceMs)])
    t.write(t.red(`  ${sentence}\n`));
  const good = ends.filter((end, seq) => end === mixedJobs[seq]!.should).length;
  t.write(t.bold(`${good} of ${plan.jobs} jobs ended as they should\n`));
  return interrupt.signal.aborted ? ExitCode.interrupted : batchCode(ends, totals.accepted, done.duplicated);
}
