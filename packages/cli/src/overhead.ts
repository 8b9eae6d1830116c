// `--overhead`: what takes turns for it, and what it found, for people. That its jobs are not to be timed stands in the jobs themselves, so
// that workers of anybody's go on as they are and equally warm.

import { type Overhead, type OverheadFigure, overheadOf, type RunResult } from '@jobstorm/loadtest';
import type { PerfTestConfig } from './config.ts';
import { rate } from './format.ts';
import type { Terminal } from './terminal.ts';

const defaultRepeats = 5;

/** The settings with recording; with it again and without it take turns with them. */
export function withOverhead(config: PerfTestConfig): PerfTestConfig {
  const { repeats } = config.values;
  const values = { ...config.values, repeats: repeats > 1 ? repeats : defaultRepeats };
  const on = { ...config, values, recorded: true };
  const turns = [
    { name: 'recording on again', config: on },
    { name: 'recording off', config: { ...on, recorded: false } },
  ];
  return { ...on, turns };
}

/**
 * Says what recording cost, and puts it into the first result.
 * @param joined on, on again, off
 */
export function judgeOverhead(joined: readonly RunResult[], paired: boolean, t: Terminal): void {
  const [on, again, off] = joined as [RunResult, RunResult, RunResult];
  if (off.latencyUs.service !== null) {
    on.valid = false;
    on.invalidBecause = [
      ...on.invalidBecause,
      '--overhead: workers recorded jobs that asked them not to: start workers of this version',
    ];
  }
  on.overhead = overheadOf(on, again, off, paired);
  t.write(`\n${t.bold('what recording costs')}\n${overheadText(on.overhead, t)}`);
}

const us = (value: number): string => value.toFixed(2);

/** Few runs leave an interval without bounds to speak of. */
const mostTimes = 10;

function costText({ off, cost, costLow, costHigh }: OverheadFigure, show: (value: number) => string): string {
  if (costLow === null || costHigh === null) return show(cost);
  const high = costHigh > mostTimes * off ? `more than ${show(mostTimes * off)}` : show(costHigh);
  return `${show(cost)} (${show(costLow)} to ${high})`;
}

function rateChange(value: number): string {
  return `${value < 0 ? '-' : '+'}${rate(Math.abs(value))}`;
}

/** What is said of a difference between `on` and `off`, and between equals. */
function verdict({ finding, equalFinding }: OverheadFigure): string {
  const own = finding ?? 'not judged: give --repeats 5';
  return equalFinding === null || equalFinding === 'same'
    ? own
    : `${own}; but of two equal ones it says ${equalFinding}`;
}

function line(what: string, found: OverheadFigure | null, show: (value: number) => string, text: string): string {
  if (found === null) return `${what}: not measured`;
  const equal = found.equalDiffer === null ? 'not known' : show(found.equalDiffer);
  return `${text}; two equal settings differed by ${equal}: ${verdict(found)}`;
}

/** A sentence for CPU, one for the rate, and how they were judged. */
export function overheadLines({ completePerS: perS, cpuUsPerJob: cpu, basis }: Overhead): [string, string, string] {
  const cpuText =
    cpu &&
    `recording cost ${costText(cpu, us)} us of worker CPU a job, ${us(cpu.on)} with it and ${us(cpu.off)} without`;
  const rateText =
    perS &&
    `it changed the rate by ${costText(perS, rateChange)}, ${rate(perS.on)} with it and ${rate(perS.off)} without`;
  return [
    line('CPU of the workers', cpu, us, cpuText ?? ''),
    line('rate', perS, rateChange, rateText ?? ''),
    `judged by ${basis}; without recording workers keep counts, the ledger and the rate alone`,
  ];
}

/** Ends with a newline. */
export function overheadText(overhead: Overhead, t: Terminal): string {
  const [cpu, perS, basis] = overheadLines(overhead);
  return `  ${cpu}\n  ${perS}\n${t.dim(`  ${basis}`)}\n`;
}
