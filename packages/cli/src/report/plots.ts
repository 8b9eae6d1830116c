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

/** What the plots of a run have in common. */
interface Drawn {
  samples: readonly TimelineSample[];
  common: Pick<Plot, 'atS' | 'endS' | 'marks'>;
}

function lineOf({ samples }: Drawn, name: string, colour: string, of: Of, dash?: string): PlotLine {
  return { name, colour, values: samples.map(of), ...(dash ? { dash } : {}) };
}

const errors: Of = (sample) => perS(sample.counts.failed + sample.counts.refused + sample.counts.uncertain, sample);

function ratePlot(drawn: Drawn, steady: { fromS: number; toS: number } | null): Plot {
  const hasErrors = drawn.samples.some((sample) => (errors(sample) ?? 0) > 0);
  return {
    ...drawn.common,
    ...{ id: 'rate', title: 'Rate', unit: 'jobs a second', show: whole },
    ...(steady ? { window: { name: 'steady', ...steady } } : {}),
    lines: [
      lineOf(drawn, 'submitted', 'submitted', (sample) => perS(sample.counts.submitted, sample), '5 3'),
      lineOf(drawn, 'completed', 'rate', (sample) => perS(sample.counts.completed, sample)),
      ...(hasErrors ? [lineOf(drawn, 'errors', 'errors', errors, '2 3')] : []),
    ],
  };
}

function latencyPlot(drawn: Drawn): Plot {
  return {
    ...drawn.common,
    ...{ id: 'latency', title: 'Latency', unit: 'due to acknowledged, log scale', show: micros },
    log: true,
    band: [0, 2],
    lines: [
      lineOf(drawn, 'p50', 'latency', ({ latencyUs }) => latencyUs?.p50 ?? null),
      lineOf(drawn, 'p95', 'latency', ({ latencyUs }) => latencyUs?.p95 ?? null, '7 3'),
      lineOf(drawn, 'p99', 'latency', ({ latencyUs }) => latencyUs?.p99 ?? null, '2 3'),
    ],
  };
}

function cpuPlot(drawn: Drawn): Plot {
  const lines = cpuParts.map((part) => lineOf(drawn, part, `cpu-${part}`, percentOfCap(part), dashes[part]));
  return {
    ...drawn.common,
    ...{ id: 'cpu', title: 'CPU', unit: cpuUnit, show: (value: number) => `${Math.round(value)}%` },
    limit: { name: 'cap', value: 100 },
    lines: lines.filter(({ values }) => values.some((value) => value !== null)),
  };
}

/** `steady`: the stretch that the rate is from, in the samples' seconds; null: none, or not known. */
export function plotsOf(
  samples: readonly TimelineSample[],
  marks: readonly TimelineMark[],
  steady: { fromS: number; toS: number } | null = null,
): Plot[] {
  const atS = samples.map((sample) => sample.atS - sample.lengthS / 2);
  const drawn: Drawn = { samples, common: { atS, endS: samples.at(-1)?.atS ?? 1, marks } };
  const queue: Plot = {
    ...drawn.common,
    ...{ id: 'queue', title: 'Queue depth', unit: 'jobs waiting', show: whole },
    lines: [lineOf(drawn, 'waiting', 'queue', ({ queueDepth }) => queueDepth)],
  };
  return [ratePlot(drawn, steady), latencyPlot(drawn), queue, cpuPlot(drawn)];
}
