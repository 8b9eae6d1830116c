// What becomes of a command's runs: one result for each of its settings, what they are judged by, the reports, and the exit code.
// Invariant: the reports are written once, of the run with the median rate, and the exit code is the worst of all runs.

import {
  type Comparison,
  compareResults,
  differencesBetween,
  exitCodeOf,
  faultsForComparison,
  joinRepeats,
  medianRun,
  type RunResult,
} from '@jobstorm/loadtest';
import { ExitCode, SettingsError } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import { batchingFinding } from './batching.ts';
import { comparisonText, repeatsText } from './comparison-text.ts';
import { judgeOverhead } from './overhead.ts';
import { readResultFile } from './result-file.ts';
import type { Errand } from './run-command.ts';
import { type RunMaker, RunSeries, type Taken } from './run-series.ts';

interface Baseline {
  file: string;
  result: RunResult;
}

/** @throws SettingsError when it can't be compared with what is about to run */
function baselineFor({ config, context, terminal: t }: Errand): Baseline | null {
  const { baseline: file, force } = config.values;
  if (file === null) return null;
  const result = readResultFile(file, '--baseline');
  const faults = faultsForComparison(result).map((fault) => `--baseline ${file}: ${fault}`);
  const differences = differencesBetween(result, {
    ...result,
    config: context.config,
    environment: context.environment,
  });
  if (faults.length > 0) throw new SettingsError(faults);
  if (differences.length > 0 && !force) {
    throw new SettingsError([
      ...differences.map((difference) => `--baseline ${file} and this run: ${difference}`),
      'such runs are not to be compared; --force does it all the same',
    ]);
  }
  for (const difference of differences) t.write(t.yellow(`--baseline: ${difference}\n`));
  return { file, result };
}

/** A run that was cut short stands for none that came to its end. */
function whole(taken: readonly Taken[]): readonly Taken[] {
  const ended = taken.filter(({ result }) => result.jobs.lost !== null);
  return ended.length > 0 ? ended : taken;
}

const byGravity = [
  ExitCode.interrupted,
  ExitCode.jobsLostOrDuplicated,
  ExitCode.notValid,
  ExitCode.thresholdFailed,
  ExitCode.good,
] as const;

/** The worst of them. */
function exitCodeOfAll(joined: readonly RunResult[], all: readonly RunResult[], interrupted: boolean): number {
  const codes = [
    ...joined.map((result) => exitCodeOf(result, interrupted)),
    // Repeats are judged together, but a job that one of them lost is lost.
    ...all.map((result) => exitCodeOf({ ...result, thresholds: [] }, interrupted)),
  ];
  return byGravity.find((code) => codes.some((own) => own === code)) ?? ExitCode.good;
}

/** How the settings that took turns with the first one compare with it, also in its result. */
function judgeTurns(series: RunSeries, joined: readonly RunResult[], { terminal: t }: Errand): void {
  const against = series.turns.slice(1).map(({ name }, i) => {
    const [first, other] = [joined[0]!, joined[i + 1]!];
    const paired = series.taken[0]!.length === series.taken[i + 1]!.length;
    const comparison = compareResults(first, other, paired);
    t.write(`\n${t.bold(`with ${name}: ${comparison.finding}`)}\n`);
    t.write(comparisonText(comparison, ['as told', `with ${name}`], t));
    const { config, throughput, latencyUs, cost, verdict, batching = null, repeats } = other;
    const measured = { config, throughput, latencyUs, cost, verdict, batching };
    return { flags: name, ...measured, ...(repeats ? { repeats } : {}), comparison };
  });
  if (against.length > 0) joined[0]!.against = against;
}

function judgeBaseline({ file, result: base }: Baseline, result: RunResult, { terminal: t }: Errand): Comparison {
  const comparison = compareResults(base, result);
  const { finding } = comparison;
  const says = `against ${file}: ${finding}`;
  t.write(`\n${finding === 'worse' ? t.red(`${says}, FAILED`) : t.green(says)}\n`);
  t.write(comparisonText(comparison, [file, 'this run'], t));
  return comparison;
}

/** Makes the runs that were asked for, shows what they say, and writes the reports. Resolves with the exit code. */
export async function measuredRuns(errand: Errand, maker: RunMaker): Promise<number> {
  const baseline = baselineFor(errand);
  const series = new RunSeries(errand, maker);
  await series.run();
  const taken = series.taken.map(whole);
  if (taken.some((runs) => runs.length === 0))
    throw new JobstormError('EINTERRUPTED', 'interrupted before its runs were over');
  const joined = taken.map((runs) => joinRepeats(runs.map(({ result }) => result)));
  const shown = medianOf(taken[0]!);
  shown.show();
  const result = joined[0]!;
  if (result.repeats) errand.terminal.write(`\n${repeatsText(result.repeats)}`);
  if (errand.config.values.overhead)
    judgeOverhead(joined, new Set(series.taken.map(({ length }) => length)).size === 1, errand.terminal);
  else judgeTurns(series, joined, errand);
  const batches = batchingFinding(result);
  if (batches !== null) errand.terminal.write(`\n${errand.terminal.bold(batches)}\n`);
  if (baseline) result.baseline = { file: baseline.file, ...judgeBaseline(baseline, result, errand) };
  errand.reports.listener.onStart?.(shown.timeline);
  errand.reports.finish(result, shown.endToEnd);
  const all = series.taken.flat().map(({ result: own }) => own);
  return exitCodeOfAll(joined, all, errand.interrupt.signal.aborted);
}

function medianOf(taken: readonly Taken[]): Taken {
  const median = medianRun(taken.map(({ result }) => result));
  return taken.find(({ result }) => result === median)!;
}
