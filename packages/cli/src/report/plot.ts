// One plot over time as SVG. Pure: it needs no script to be seen, scales with its page, and takes its colours from the page's classes, so
// that it is right in dark, in light and on paper. Lines are told apart by dashes and names too, never by colour alone.

import { type Axis, linearAxis, logAxis, timeAxis, timeText } from './axis.ts';
import { escapeText } from './markup.ts';

export interface PlotLine {
  name: string;
  /** Of the page's colours: rate, latency, queue, cpu … */
  colour: string;
  /** As SVG has it; not set: a whole line. */
  dash?: string;
  /** One for each time; null: not known, and the line has a gap. */
  values: readonly (number | null)[];
}

export interface Plot {
  id: string;
  title: string;
  /** What is on the y axis. */
  unit: string;
  /** Seconds since the run's start, the middle of each stretch. */
  atS: readonly number[];
  endS: number;
  lines: readonly PlotLine[];
  log?: boolean;
  /** Fills what lies between two lines. */
  band?: readonly [from: number, to: number];
  /** A level with a name, across the plot. */
  limit?: { name: string; value: number };
  /** A stretch that is marked, with its name. */
  window?: { name: string; fromS: number; toS: number };
  /** What happened, and when. */
  marks?: readonly { atS: number; what: string }[];
  show(value: number): string;
}

const width = 620;
const height = 250;
const left = 64;
const right = 14;
const top = 12;
const bottom = 28;
const innerWidth = width - left - right;
const innerHeight = height - top - bottom;
const short = (pixels: number): string => String(Math.round(pixels * 10) / 10);

export interface PlotFrame {
  x: Axis;
  y: Axis;
}

export function frameOf({ lines, log, limit, endS }: Plot): PlotFrame {
  const known = lines.flatMap(({ values }) => values).filter((value) => value !== null);
  const max = known.reduce((most, value) => Math.max(most, value), limit?.value ?? 0);
  if (!log) return { x: timeAxis(endS), y: linearAxis(0, max > 0 ? max : 1, 5) };
  const least = known.reduce((low, value) => (value > 0 ? Math.min(low, value) : low), Number.POSITIVE_INFINITY);
  return { x: timeAxis(endS), y: logAxis(Number.isFinite(least) ? least : 1, max > 0 ? max : 10) };
}

const xOf = ({ x }: PlotFrame, s: number): string => short(left + x.at(s) * innerWidth);
const yOf = ({ y }: PlotFrame, value: number): string => short(top + (1 - y.at(value)) * innerHeight);

/** The parts of a line without gaps, as points. */
function stretchesOf({ atS }: Plot, { values }: PlotLine, frame: PlotFrame): string[][] {
  const stretches: string[][] = [];
  let open: string[] | null = null;
  for (const [at, value] of values.entries()) {
    if (value === null) open = null;
    else {
      if (open === null) {
        open = [];
        stretches.push(open);
      }
      open.push(`${xOf(frame, atS[at]!)} ${yOf(frame, value)}`);
    }
  }
  return stretches;
}

function lineSvg(plot: Plot, line: PlotLine, frame: PlotFrame): string {
  const stretches = stretchesOf(plot, line, frame);
  const path = stretches.map((points) => `M${points.join('L')}`).join('');
  const dash = line.dash ? ` stroke-dasharray="${line.dash}"` : '';
  const lone = stretches.filter((points) => points.length === 1).map(([point]) => point!.split(' '));
  const dots = lone.map(([cx, cy]) => `<circle class="dot ${line.colour}" cx="${cx}" cy="${cy}" r="3"/>`);
  return `<path class="line ${line.colour}" d="${path}"${dash}/>${dots.join('')}`;
}

function bandSvg(plot: Plot, frame: PlotFrame): string {
  const [from, to] = (plot.band ?? []).map((at) => plot.lines[at]!);
  if (!from || !to) return '';
  const lower = stretchesOf(plot, from, frame);
  const upper = stretchesOf(plot, to, frame);
  const shapes = lower.map((points, at) => `M${points.join('L')}L${[...(upper[at] ?? [])].reverse().join('L')}Z`);
  return `<path class="band ${from.colour}" d="${shapes.join('')}"/>`;
}

function gridSvg({ show }: Plot, frame: PlotFrame): string {
  const rows = frame.y.ticks.map((value) => {
    const y = yOf(frame, value);
    const text = show(value).replace(/\.0+(?=\D|$)/, ''); // 50.0 ms → 50 ms
    return (
      `<line class="grid" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/>` +
      `<text class="tick" x="${left - 7}" y="${y}" dy="0.32em" text-anchor="end">${escapeText(text)}</text>`
    );
  });
  const columns = frame.x.ticks.map((s) => {
    const x = xOf(frame, s);
    return `<text class="tick" x="${x}" y="${height - 9}" text-anchor="middle">${escapeText(timeText(s))}</text>`;
  });
  return [...rows, ...columns].join('');
}

function limitSvg({ limit }: Plot, frame: PlotFrame): string {
  if (!limit) return '';
  const y = yOf(frame, limit.value);
  const atTop = frame.y.at(limit.value) > 0.9;
  return (
    `<line class="limit" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/>` +
    `<text class="limit-name" x="${width - right - 4}" y="${y}" dy="${atTop ? 14 : -5}" text-anchor="end">${escapeText(limit.name)}</text>`
  );
}

function windowSvg({ window }: Plot, frame: PlotFrame): string {
  if (!window) return '';
  const [x, end] = [xOf(frame, window.fromS), xOf(frame, window.toS)].map(Number) as [number, number];
  return (
    `<rect class="window" x="${x}" y="${top}" width="${short(Math.max(0, end - x))}" height="${innerHeight}"/>` +
    `<text class="tick" x="${x + 5}" y="${height - bottom - 6}">${escapeText(window.name)}</text>`
  );
}

function marksSvg({ marks = [] }: Plot, frame: PlotFrame): string {
  const lines = marks.map(({ atS, what }) => {
    const x = xOf(frame, atS);
    return `<line class="mark" x1="${x}" x2="${x}" y1="${top}" y2="${height - bottom}"><title>${escapeText(what)}</title></line>`;
  });
  return lines.join('');
}

function keyOf({ name, colour, dash }: PlotLine): string {
  const sample = `<svg class="key" viewBox="0 0 26 8" aria-hidden="true"><path class="line ${colour}" d="M1 4L25 4"${dash ? ` stroke-dasharray="${dash}"` : ''}/></svg>`;
  return `<li>${sample}${escapeText(name)} <b></b></li>`;
}

/** A figure with its title, its keys, and the buttons for its data. */
export function plotHtml(plot: Plot): string {
  const frame = frameOf(plot);
  const drawn = [
    windowSvg(plot, frame),
    gridSvg(plot, frame),
    bandSvg(plot, frame),
    limitSvg(plot, frame),
    marksSvg(plot, frame),
    ...plot.lines.map((line) => lineSvg(plot, line, frame)),
    `<line class="cursor" x1="0" x2="0" y1="${top}" y2="${height - bottom}"/>`,
  ];
  const label = `${plot.title}, ${plot.unit}`;
  return (
    `<figure class="plot" data-plot="${escapeText(plot.id)}"><figcaption><h2>${escapeText(plot.title)} <small>${escapeText(plot.unit)}</small></h2>` +
    '<span class="data"><button type="button" data-as="csv">CSV</button><button type="button" data-as="json">JSON</button></span></figcaption>' +
    `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(label)}">${drawn.join('')}</svg>` +
    `<ul class="keys">${plot.lines.map(keyOf).join('')}<li class="when"></li></ul></figure>`
  );
}

/** Where the script finds a moment in a plot, in the drawing's own units. */
export const plotGeometry = { width, left, innerWidth } as const;
