// Slots against rate: a point a trial with its interval, the fitted curve, and its knee. `kneeShapes` is pure.

import type { RunModel, Trial } from '../src/run-model.ts';
import { short, whole } from './format.ts';
import { fillShapes, pictureIn, type Shape, type Size, words } from './shapes.ts';
import { decadeTicks, roundTicks } from './ticks.ts';

const margin = { left: 62, right: 14, top: 10, bottom: 24 };
const leastApart = 44;

interface Frame {
  size: Size;
  least: number;
  most: number;
  top: number;
  x(slots: number): number;
  y(perS: number): number;
}

const trialsOf = (run: RunModel) =>
  [...run.trials.values()].filter((trial) => trial.measured !== null && trial.state !== 'repeated');

function frameOf(trials: readonly Trial[], size: Size): Frame {
  const slots = trials.map(({ setting }) => setting.slots);
  const [least, most] = [Math.min(...slots) * 0.8, Math.max(...slots) * 1.25];
  const top = Math.max(...trials.map((trial) => trial.intervalPerS?.[1] ?? trial.measured!.ratePerS)) * 1.12;
  const { left, right, bottom } = margin;
  return {
    size,
    least,
    most,
    top,
    x: (value) => left + ((size.width - left - right) * Math.log(value / least)) / Math.log(most / least),
    y: (value) => size.height - bottom - ((size.height - margin.top - bottom) * value) / top,
  };
}

function axisShapes({ size, least, most, top, x, y }: Frame): Shape[] {
  const shapes: Shape[] = [];
  const { left, right } = margin;
  for (const value of roundTicks(top, 4)) {
    const at = y(value);
    shapes.push({ name: 'line', class: 'grid', attributes: { x1: left, x2: size.width - right, y1: at, y2: at } });
    const attributes = { x: left - 6, y: at + 4, 'text-anchor': 'end' };
    shapes.push({ name: 'text', class: 'tick', attributes, text: whole(value) });
  }
  let free = 0;
  for (const value of decadeTicks(least, most)) {
    const at = x(value);
    if (at < free) continue;
    free = at + leastApart;
    const attributes = { x: at, y: size.height - 7, 'text-anchor': at > size.width - 30 ? 'end' : 'middle' };
    shapes.push({ name: 'text', class: 'tick', attributes, text: whole(value) });
  }
  return shapes;
}

function curveShapes(run: RunModel, { size, least, most, top, x, y }: Frame): Shape[] {
  if (!run.curve) return [];
  const { lambda, sigma, kappa } = run.curve;
  const points = Array.from({ length: 60 }, (_, at) => {
    const n = least * (most / least) ** (at / 59);
    return { n, perS: (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1)) };
  }).filter(({ perS }) => perS <= top);
  const line = points.map(({ n, perS }) => `${x(n).toFixed(1)},${y(perS).toFixed(1)}`).join(' ');
  const shapes: Shape[] = [{ name: 'polyline', class: 'curve', attributes: { points: line } }];
  const { knee } = run;
  if (knee === null || knee < least || knee > most) return shapes;
  const [at, foot] = [x(knee), size.height - margin.bottom];
  shapes.push({ name: 'line', class: 'knee', attributes: { x1: at, x2: at, y1: margin.top, y2: foot } });
  // Its words stand at the foot, where no points are, on the side that has room.
  const right = at < size.width - 100;
  const attributes = { x: right ? at + 5 : at - 5, y: foot - 6, 'text-anchor': right ? 'start' : 'end' };
  shapes.push({ name: 'text', class: 'tick', attributes, text: `knee at ${whole(knee)} slots` });
  return shapes;
}

function pointShapes(trial: Trial, isBest: boolean, { x, y }: Frame): Shape[] {
  const { number, setting, measured, intervalPerS } = trial;
  const at = x(setting.slots);
  const { ratePerS } = measured!;
  const [low, high] = intervalPerS ?? [ratePerS, ratePerS];
  const title = `trial ${number}: ${whole(setting.slots)} slots, ${short(setting.cpus)} CPUs: ${whole(ratePerS)} jobs/s`;
  return [
    { name: 'line', class: 'interval', attributes: { x1: at, x2: at, y1: y(low), y2: y(high) } },
    {
      name: 'circle',
      class: isBest ? 'best' : 'point',
      attributes: { cx: at, cy: y(ratePerS), r: isBest ? 5 : 3.5 },
      title,
    },
  ];
}

/** Pure. */
export function kneeShapes(run: RunModel, size: Size): Shape[] {
  const trials = trialsOf(run);
  if (trials.length === 0) return [words('a tuning draws a point for each trial here', size)];
  const frame = frameOf(trials, size);
  const best = run.bestTrial;
  // The best one last, over the others.
  const inOrder = [...trials].sort((a, b) => Number(a === best) - Number(b === best));
  const points = inOrder.flatMap((trial) => pointShapes(trial, trial === best, frame));
  return [...axisShapes(frame), ...curveShapes(run, frame), ...points];
}

export function drawKnee(holder: HTMLElement, run: RunModel): void {
  const { root, size } = pictureIn(holder, 'Rate by number of slots, a point a trial');
  fillShapes(root, kneeShapes(run, size));
}
