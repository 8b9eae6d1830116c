// What `jobstorm watch` shows: how fast, what limits it, what is being tried now, in lines that fit the terminal. Pure.

import { stripVTControlCharacters } from 'node:util';
import type { PageState, RunModel } from '@jobstorm/dashboard';
import { micros, rate, seconds, sparkline, whole } from './format.ts';
import { bar } from './progress.ts';
import type { Terminal } from './terminal.ts';

type Style = Pick<Terminal, 'bold' | 'dim' | 'yellow' | 'columns'>;

const barCells = 20;
const partNames = ['workers', 'server', 'api', 'generator'] as const;

function headLine(run: RunModel): string {
  const { command = run.id } = (run.header.run ?? {}) as { command?: string };
  const trial = [...run.trials.values()].at(-1);
  const atS = run.samples.at(-1)?.atS ?? 0;
  const left =
    run.stage?.lengthS == null ? '' : `, ${seconds(Math.max(0, run.stage.atS + run.stage.lengthS - atS))} left`;
  const stage = run.ended ? 'finished' : run.stage ? `${run.stage.what}${left}` : 'running';
  return [command, ...(trial ? [`trial ${trial.number} of ~${trial.of}`] : []), stage, seconds(atS)].join('   ');
}

function figuresLine(run: RunModel): string {
  const latency = run.latestLatency;
  const perS = run.recentRate();
  const failed = run.total('failed');
  const done = run.total('completed') + failed;
  const best = run.bestTrial;
  return [
    perS === null ? 'no jobs yet' : rate(perS),
    ...(latency ? [`p50 ${micros(latency.p50)}  p95 ${micros(latency.p95)}  p99 ${micros(latency.p99)}`] : []),
    `${whole(done)} done`,
    ...(failed > 0 ? [`${whole(failed)} failed`] : []),
    ...(best
      ? [`best ${rate(best.measured!.ratePerS)} @ ${whole(best.setting.slots)} slots, ${best.setting.cpus} CPUs`]
      : []),
  ].join('   ');
}

function partLine(run: RunModel, part: (typeof partNames)[number]): string | null {
  const now = run.samples.at(-1)?.parts[part];
  if (!now || now.usedCores === null) return null;
  const cap = now.capCores ?? 1;
  const throttled = now.throttledShare ? `, throttled ${Math.round(now.throttledShare * 100)}% of periods` : '';
  return `${part.padEnd(10)}${bar(Math.min(now.usedCores, cap), cap, barCells)} ${now.usedCores.toFixed(2)} of ${cap} cores${throttled}`;
}

function runLines(run: RunModel, t: Style): string[] {
  const depth = run.samples.at(-1)?.queueDepth;
  const cells = Math.max(10, t.columns - 30);
  const parts = partNames.map((part) => partLine(run, part)).filter((line) => line !== null);
  const { verdict } = run;
  return [
    t.bold(headLine(run)),
    figuresLine(run),
    `${'rate'.padEnd(10)}${sparkline(run.rates('completed'), cells)}`,
    `${'queue'.padEnd(10)}${sparkline(
      run.depths().map((value) => value ?? 0),
      cells,
    )} ${depth == null ? '' : whole(depth)}`,
    ...parts,
    ...(verdict
      ? [`limit: ${verdict.bottleneck.replaceAll('-', ' ')}: ${verdict.evidence.join('; ')}`, `→ ${verdict.advice}`]
      : []),
  ];
}

/** `away`: why the room is not heard; null: it is. */
export function watchLines(state: PageState, away: string | null, t: Style): string[] {
  const { live, sections } = state;
  const slots = sections.workers.reduce((sum, { state: { slots: own } }) => sum + own.total, 0);
  const running = sections.workers.reduce((sum, { state: { slots: own } }) => sum + own.running, 0);
  const lines = [
    ...(away === null ? [] : [t.yellow(`not heard: ${away}; what follows is old`)]),
    ...(live ? runLines(live, t) : ['no run has been told here: just perf-test 10000, or just tune']),
    t.dim(`${sections.workers.length} worker processes, ${whole(running)} of ${whole(slots)} slots busy`),
  ];
  return lines.map((line) => cut(line, t.columns));
}

/** To the terminal's width; what paints takes none of it. */
function cut(line: string, columns: number): string {
  return stripVTControlCharacters(line).length <= columns ? line : `${line.slice(0, Math.max(1, columns - 1))}…`;
}
