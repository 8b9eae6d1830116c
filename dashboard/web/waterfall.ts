// Where a job's time goes, as bars: each phase after the one before it, so that the medians add up to about the whole; p99 as a thin bar
// from the left. `waterfallShapes` is pure.

import { duration } from './format.ts';
import { fillShapes, pictureIn, type Shape, type Size, words } from './shapes.ts';

export type PhaseTimes = Partial<Record<string, { p50: number; p99: number } | null>>;

const phases: readonly (readonly [name: string, words: string])[] = [
  ['accept', 'due to accepted'],
  ['batchWait', 'waits for its batch'],
  ['push', 'pushed'],
  ['queueWait', 'in the queue'],
  ['dispatch', 'dispatched'],
  ['service', 'runs'],
  ['ack', 'acknowledged'],
];

/** `left`: of the words; `right`: of the figures. */
const margin = { left: 124, right: 172, top: 4 };
const highestRow = 32;
const bar = { thick: 11, thin: 3, apart: 2 };

function rowShapes(size: Size, row: number, startUs: number, longestUs: number, phase: PhaseRow): Shape[] {
  const { text, p50, p99, y } = phase;
  const scale = (us: number) => ((size.width - margin.left - margin.right) * us) / longestUs;
  const start = margin.left + Math.min(scale(startUs), scale(longestUs) - 1);
  const top = y + (row - bar.thick - bar.apart - bar.thin) / 2;
  const line = top + bar.thick - 1;
  const thin = top + bar.thick + bar.apart;
  return [
    { name: 'text', class: 'tick', attributes: { x: margin.left - 10, y: line, 'text-anchor': 'end' }, text },
    {
      name: 'rect',
      class: 'p50',
      attributes: { x: start, y: top, width: Math.max(1.5, scale(p50)), height: bar.thick, rx: 1 },
    },
    {
      name: 'rect',
      class: 'p99',
      attributes: { x: margin.left, y: thin, width: Math.max(1, scale(p99)), height: bar.thin },
    },
    {
      name: 'text',
      class: 'figure',
      attributes: { x: size.width - 86, y: line, 'text-anchor': 'end' },
      text: `p50 ${duration(p50)}`,
    },
    {
      name: 'text',
      class: 'tick',
      attributes: { x: size.width - 8, y: line, 'text-anchor': 'end' },
      text: `p99 ${duration(p99)}`,
    },
  ];
}

interface PhaseRow {
  text: string;
  p50: number;
  p99: number;
  y: number;
}

/** Pure. */
export function waterfallShapes(latencyUs: PhaseTimes, size: Size): Shape[] {
  const known = phases.filter(([name]) => latencyUs[name]);
  if (known.length === 0) return [words("where a job's time goes is shown once jobs are done", size)];
  const times = known.map(([name]) => latencyUs[name]!);
  const total = times.reduce((sum, { p50 }) => sum + p50, 0);
  const longest = Math.max(...times.map(({ p99 }) => p99), total, 1);
  const row = Math.min(highestRow, (size.height - margin.top) / known.length);
  let before = 0;
  return known.flatMap(([, text], at) => {
    const { p50, p99 } = times[at]!;
    const shapes = rowShapes(size, row, before, longest, { text, p50, p99, y: margin.top + at * row });
    before += p50;
    return shapes;
  });
}

export function drawWaterfall(holder: HTMLElement, latencyUs: PhaseTimes): void {
  const { root, size } = pictureIn(holder, "Where a job's time goes, by phase");
  fillShapes(root, waterfallShapes(latencyUs, size));
}
