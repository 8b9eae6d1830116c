// A run's result for people: jobs, rates, latencies by phase, cost by part, what limited it and what to try next.

import { type CpuPart, cpuParts, joinedSentence, type PhaseName, phaseNames, type RunResult } from '@jobstorm/loadtest';
import { bytes, micros, rate, seconds, sparkline, table, whole } from './format.ts';
import { intervalText, thresholdValue } from './result-words.ts';
import type { Terminal } from './terminal.ts';

export interface SummaryNotes {
  /** Why it ended before its last job, what is missing; empty: it did not. */
  shortfall: readonly string[];
  /** How long it took, first submission to last completion. */
  activeText: string;
  open: boolean;
  /** Jobs completed a second, over time. */
  perS: readonly number[];
  rssBytes: Partial<Record<CpuPart, number>>;
}

const phaseTitles: Record<PhaseName, string> = {
  endToEnd: 'end to end',
  sendLag: '  send lag',
  submit: '  submit',
  accept: '  accept',
  batchWait: '  batch wait',
  push: '  push',
  fireLag: '  fire lag',
  queueWait: '  queue wait',
  dispatch: '  dispatch',
  service: '  service',
  ack: '  ack',
};

/** Below so many samples a trend shows nothing. */
const trendFrom = 6;
const trendCells = 60;

const figure = (value: number | null, show: (value: number) => string = whole): string =>
  value === null ? '-' : show(value);

const time = (s: number | null): string => (s === null ? 'not known' : seconds(s));

function tideLines({ load: { tides, held } }: RunResult): string[] {
  if (held) return tides.map(({ depth, drainS }) => `  drain  ${figure(depth)} waiting, drained in ${time(drainS)}`);
  return tides.map(({ jobs, buildS, depth, drainS }, at) => {
    const tide = `${at === 0 ? '  tides ' : '        '} ${whole(jobs)} submitted in ${time(buildS)}`;
    return `${tide}, ${figure(depth)} waiting then, drained ${time(drainS)} later`;
  });
}

function batchingLines({ batching, latencyUs }: RunResult): string[] {
  const sentence = joinedSentence(latencyUs.batchWait?.p50 ?? null, batching ?? null);
  return sentence === null ? [] : [`  batching  ${sentence}`];
}

function clockLines({ clocks }: RunResult): string[] {
  return clocks.map(({ host, offsetUs, errorUs }) => {
    if (offsetUs === null || errorUs === null) return `  clock  of ${host}: not compared with this host's`;
    const side = offsetUs >= 0 ? 'ahead of' : 'behind';
    return `  clock  of ${host}: ${micros(Math.abs(offsetUs))} ${side} this host's, ±${micros(errorUs)}`;
  });
}

function headLines(r: RunResult, notes: SummaryNotes, t: Terminal): string[] {
  const { jobs, throughput, queue } = r;
  const bad = (name: string, value: number | null) => {
    const text = `${name} ${figure(value)}`;
    return (value ?? 0) > 0 ? t.red(text) : text;
  };
  const window =
    throughput.steadyWindowS === null
      ? 'over the whole run: no steady window'
      : `over a steady window of ${throughput.steadyWindowS.toFixed(1)} s${intervalText(r)}`;
  const extras = jobs.unexpected > 0 ? `   ${bad('unexpected', jobs.unexpected)}` : '';
  return [
    t.bold(`${whole(jobs.completed)} of ${whole(jobs.submitted)} jobs completed in ${notes.activeText}`),
    `  jobs   accepted ${whole(jobs.accepted)}   failed ${whole(jobs.failed)}   retried ${whole(jobs.retried)}   ` +
      `${bad('lost', jobs.lost)}   ${bad('duplicated', jobs.duplicated)}${extras}`,
    `  rate   submitted ${figure(throughput.submitPerS, rate)}   ${t.bold(`completed ${figure(throughput.completePerS, rate)}`)}   (${window})`,
    `  queue  at most ${figure(queue.depthMax)}   at the end ${figure(queue.depthEnd)}` +
      (queue.slopePerS === null ? '' : `   slope ${queue.slopePerS > 0 ? '+' : ''}${whole(queue.slopePerS)}/s`),
    ...(notes.perS.length >= trendFrom ? [`  trend  ${t.dim(sparkline(notes.perS, trendCells))}`] : []),
    ...tideLines(r),
    ...clockLines(r),
  ];
}

function latencyLines(r: RunResult, open: boolean, t: Terminal): string[] {
  const rows: string[][] = [['latency', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max']];
  for (const phase of phaseNames) {
    const p = r.latencyUs[phase];
    if (!p) continue;
    const p999 = figure(p.p999, micros);
    rows.push([phaseTitles[phase], ...[p.p50, p.p90, p.p95, p.p99].map(micros), p999, micros(p.max)]);
  }
  if (rows.length === 1) return [];
  const note = open
    ? 'due to acknowledged, at the stated rate'
    : 'due to acknowledged, waiting in the queue included: this run gives capacity; for latency state a --rate';
  return ['', ...table(rows).map((line) => `  ${line}`), `  ${t.dim(note)}`, ...batchingLines(r)];
}

function partLines(r: RunResult, notes: SummaryNotes, t: Terminal): string[] {
  const cost: Partial<Record<CpuPart, number | null>> = {
    api: r.cost.apiCoreSecondsPer1kJobs,
    server: r.cost.serverCoreSecondsPer1kJobs,
    workers: r.cost.workerCoreSecondsPer1kJobs,
  };
  const rows: string[][] = [['part', 'cores used', 'of', '%', 'core-s per 1,000 jobs', 'memory']];
  const reasons: string[] = [];
  for (const part of cpuParts) {
    const cpu = r.cpu[part];
    if (!cpu) {
      reasons.push(`${part}: ${r.notMeasured[`cpu.${part}`] ?? 'not measured'}`);
      continue;
    }
    const rss = notes.rssBytes[part];
    rows.push([
      part,
      cpu.usedCores.toFixed(2),
      figure(cpu.capCores, (cores) => cores.toFixed(1)),
      figure(cpu.percentOfCap),
      figure(cost[part] ?? null, (value) => value.toFixed(4)),
      rss === undefined ? '-' : bytes(rss),
    ]);
  }
  const shown = rows.length > 1 ? table(rows).map((line) => `  ${line}`) : [];
  return ['', ...shown, ...reasons.map((reason) => t.dim(`  ${reason}`))];
}

function verdictLines(r: RunResult, notes: SummaryNotes, t: Terminal): string[] {
  const { bottleneck, evidence, advice, scaling } = r.verdict;
  const lines = ['', `  limited by  ${t.bold(bottleneck)}`, ...evidence.map((sentence) => `              ${sentence}`)];
  const { helps, because } = scaling;
  lines.push(`  scaling     ${helps === 'neither' ? 'neither more hosts nor a bigger one' : helps}: ${because}`);
  lines.push(`  next        ${t.bold(advice)}`);
  for (const { expression, value, passed } of r.thresholds) {
    const text = `  threshold   ${expression}: ${thresholdValue(expression, value)} ${passed ? 'passed' : 'FAILED'}`;
    lines.push(passed ? t.green(text) : t.red(text));
  }
  for (const sentence of notes.shortfall) lines.push(t.red(`  incomplete  ${sentence}`));
  for (const note of r.notes) lines.push(t.dim(`  note        ${note}`));
  for (const reason of r.invalidBecause) lines.push(t.yellow(`  not valid   ${reason}`));
  return lines;
}

/** The whole summary, ends with a newline. */
export function summaryText(r: RunResult, notes: SummaryNotes, t: Terminal): string {
  const lines = [
    ...headLines(r, notes, t),
    ...latencyLines(r, notes.open, t),
    ...partLines(r, notes, t),
    ...verdictLines(r, notes, t),
  ];
  return `${lines.join('\n')}\n`;
}
