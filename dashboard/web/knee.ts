// Slots against rate: a point a trial with its interval, the fitted curve, and its knee. And where a job's time goes, as bars. Both as
// SVG, drawn anew when something changed; all text goes in as text.

import type { RunModel, Trial } from '../src/run-model.ts';
import { duration, whole } from './format.ts';

const space = 'http://www.w3.org/2000/svg';

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Record<string, string | number>,
  text?: string,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

const size = { width: 560, height: 190, left: 62, right: 12, top: 10, bottom: 26 };

function fresh(holder: HTMLElement, label: string): SVGSVGElement {
  const { width, height } = size;
  const root = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label });
  holder.replaceChildren(root);
  return root;
}

function empty(root: SVGSVGElement, text: string): void {
  root.append(svg('text', { x: size.width / 2, y: size.height / 2, 'text-anchor': 'middle', class: 'quiet' }, text));
}

/** `onTrial`: a point was chosen. */
export function drawKnee(holder: HTMLElement, run: RunModel): void {
  const trials = [...run.trials.values()].filter((trial) => trial.measured !== null && trial.state !== 'repeated');
  const root = fresh(holder, 'Rate by number of slots, a point a trial');
  if (trials.length === 0) {
    empty(root, 'a tuning run draws a point for each trial here');
    return;
  }
  const slots = trials.map(({ setting }) => setting.slots);
  const [least, most] = [Math.min(...slots) * 0.8, Math.max(...slots) * 1.25];
  const top = Math.max(...trials.map((trial) => trial.intervalPerS?.[1] ?? trial.measured!.ratePerS)) * 1.08;
  const x = (value: number) =>
    size.left + ((size.width - size.left - size.right) * Math.log(value / least)) / Math.log(most / least);
  const y = (value: number) => size.height - size.bottom - ((size.height - size.top - size.bottom) * value) / top;
  drawAxes(root, { least, most, top, x, y });
  if (run.curve) drawCurve(root, run, { least, most, x, y });
  const best = run.bestTrial;
  for (const trial of trials) drawPoint(root, trial, trial === best, x, y);
}

type Scale = (value: number) => number;

function drawAxes(
  root: SVGSVGElement,
  { least, most, top, x, y }: { least: number; most: number; top: number; x: Scale; y: Scale },
): void {
  for (const share of [0, 0.5, 1]) {
    const value = top * share * 0.95;
    root.append(svg('line', { x1: size.left, x2: size.width - size.right, y1: y(value), y2: y(value), class: 'grid' }));
    root.append(svg('text', { x: size.left - 6, y: y(value) + 4, 'text-anchor': 'end', class: 'tick' }, whole(value)));
  }
  for (let value = 125; value <= most; value *= 2) {
    if (value < least) continue;
    root.append(svg('text', { x: x(value), y: size.height - 8, 'text-anchor': 'middle', class: 'tick' }, whole(value)));
  }
}

function drawCurve(
  root: SVGSVGElement,
  run: RunModel,
  { least, most, x, y }: { least: number; most: number; x: Scale; y: Scale },
): void {
  const { lambda, sigma, kappa } = run.curve!;
  const points = Array.from({ length: 60 }, (_, at) => {
    const n = least * (most / least) ** (at / 59);
    const rate = (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
    return `${x(n).toFixed(1)},${y(rate).toFixed(1)}`;
  });
  root.append(svg('polyline', { points: points.join(' '), class: 'curve' }));
  const { knee } = run;
  if (knee === null || knee < least || knee > most) return;
  root.append(svg('line', { x1: x(knee), x2: x(knee), y1: size.top, y2: size.height - size.bottom, class: 'knee' }));
  root.append(svg('text', { x: x(knee) + 4, y: size.top + 10, class: 'tick' }, `knee ${whole(knee)}`));
}

function drawPoint(root: SVGSVGElement, trial: Trial, isBest: boolean, x: Scale, y: Scale): void {
  const { setting, measured, intervalPerS } = trial;
  const at = x(setting.slots);
  if (intervalPerS) {
    root.append(svg('line', { x1: at, x2: at, y1: y(intervalPerS[0]), y2: y(intervalPerS[1]), class: 'interval' }));
  }
  const dot = svg('circle', {
    cx: at,
    cy: y(measured!.ratePerS),
    r: isBest ? 5 : 3.5,
    class: isBest ? 'best' : 'point',
  });
  dot.append(
    svg(
      'title',
      {},
      `trial ${trial.number}: ${whole(setting.slots)} slots, ${setting.cpus} CPUs: ${whole(measured!.ratePerS)} jobs/s`,
    ),
  );
  root.append(dot);
}

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

/** Each phase after the one before it, so that the medians add up to about the whole; p99 as a thin bar from the same start. */
export function drawWaterfall(holder: HTMLElement, latencyUs: PhaseTimes): void {
  const root = fresh(holder, "Where a job's time goes, by phase");
  const known = phases.filter(([name]) => latencyUs[name]);
  if (known.length === 0) {
    empty(root, "where a job's time goes is shown once jobs are done");
    return;
  }
  const total = known.reduce((sum, [name]) => sum + latencyUs[name]!.p50, 0);
  const longest = Math.max(...known.map(([name]) => latencyUs[name]!.p99), total, 1);
  const left = 120;
  const scale = (us: number) => ((size.width - left - 150) * us) / longest;
  const row = (size.height - size.top) / phases.length;
  let before = 0;
  for (const [at, [name, words]] of known.entries()) {
    const { p50, p99 } = latencyUs[name]!;
    const y = size.top + at * row;
    const start = left + Math.min(scale(before), scale(longest) - 1);
    root.append(svg('text', { x: left - 8, y: y + 14, 'text-anchor': 'end', class: 'tick' }, words));
    root.append(svg('rect', { x: start, y: y + 3, width: Math.max(1.5, scale(p50)), height: 12, class: 'p50' }));
    root.append(svg('rect', { x: left, y: y + 17, width: Math.max(1, scale(p99)), height: 3, class: 'p99' }));
    const label = `p50 ${duration(p50)}, p99 ${duration(p99)}`;
    root.append(svg('text', { x: size.width - 4, y: y + 14, 'text-anchor': 'end', class: 'tick' }, label));
    before += p50;
  }
}
