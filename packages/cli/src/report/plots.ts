// Which plots a run has: rate, latency bands, queue depth, CPU against its cap; each with the figures that its data can be taken from.

import { type CpuPart, cpuParts, type TimelineMark, type TimelineSample } from '@jobstorm/loadtest';
import { micros, whole } from '../format.ts';
import type { Plot, PlotLine } from './plot.ts';

type Of = (sample: TimelineSample) => number | null;

const perS = (count: number, { lengthS }: TimelineSample): number => count / lengthS;
const dashes: Record<CpuPart, string | undefined> = {
  workers: undefined,
  server: '7 3',
  api: '2 3',
  generator: '9 3 2 3',
};

/** Share of the cap, in percent. */
function percentOfCap(part: CpuPart): Of {
  return ({ parts }) => {
    const { usedCores = null, capCores = null } = parts[part] ?? {};
    return usedCores === null || !capCores ? null : (usedCores / capCores) * 100;
  };
}

/** A worker with a cap of several cores may use a little more for a moment: nothing is cut off. */
const cpuUnit = 'percent of what each may use';

/** `steady`: the stretch that the rate is from, in the samples' seconds; null: none, or not known. */
export function plotsOf(
  samples: readonly TimelineSample[],
  marks: readonly TimelineMark[],
  steady: { fromS: number; toS: number } | null = null,
): Plot[] {
  const atS = samples.map((sample) => sample.atS - sample.lengthS / 2);
  const common = { atS, endS: samples.at(-1)?.atS ?? 1, marks };
  const line = (name: string, colour: string, of: Of, dash?: string): PlotLine => ({
    name,
    colour,
    values: samples.map(of),
    ...(dash ? { dash } : {}),
  });
  const errors: Of = (sample) => perS(sample.counts.failed + sample.counts.refused + sample.counts.uncertain, sample);
  const hasErrors = samples.some((sample) => (errors(sample) ?? 0) > 0);
  const cpus = cpuParts
    .map((part) => line(part, `cpu-${part}`, percentOfCap(part), dashes[part]))
    .filter(({ values }) => values.some((value) => value !== null));
  return [
    {
      ...common,
      ...{ id: 'rate', title: 'Rate', unit: 'jobs a second', show: whole },
      ...(steady ? { window: { name: 'steady', ...steady } } : {}),
      lines: [
        line('submitted', 'submitted', (sample) => perS(sample.counts.submitted, sample), '5 3'),
        line('completed', 'rate', (sample) => perS(sample.counts.completed, sample)),
        ...(hasErrors ? [line('errors', 'errors', errors, '2 3')] : []),
      ],
    },
    {
      ...common,
      ...{ id: 'latency', title: 'Latency', unit: 'due to acknowledged, log scale', show: micros },
      log: true,
      band: [0, 2],
      lines: [
        line('p50', 'latency', ({ latencyUs }) => latencyUs?.p50 ?? null),
        line('p95', 'latency', ({ latencyUs }) => latencyUs?.p95 ?? null, '7 3'),
        line('p99', 'latency', ({ latencyUs }) => latencyUs?.p99 ?? null, '2 3'),
      ],
    },
    {
      ...common,
      ...{ id: 'queue', title: 'Queue depth', unit: 'jobs waiting', show: whole },
      lines: [line('waiting', 'queue', ({ queueDepth }) => queueDepth)],
    },
    {
      ...common,
      ...{ id: 'cpu', title: 'CPU', unit: cpuUnit, show: (value: number) => `${Math.round(value)}%` },
      limit: { name: 'cap', value: 100 },
      lines: cpus,
    },
  ];
}
