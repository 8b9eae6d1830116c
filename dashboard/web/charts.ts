// The plots: uPlot, one shared cursor and one shared zoom. Colours mean one thing everywhere: rate blue, latency orange, queue
// purple, CPU green with its cap as a line, network grey-blue, errors red; dashes tell lines apart without colour.

import uPlot from 'uplot';
import type { PartName, RunModel } from '../src/run-model.ts';
import { css } from './colors.ts';
import { cores, duration, short, whole } from './format.ts';
import { marksPlugin, shadePlugin } from './marks.ts';
import { fillShapes } from './shapes.ts';
import { oldestText } from './strip.ts';
import { setText } from './text.ts';

export interface SeriesSpec {
  label: string;
  /** Of the page's custom properties. */
  color: string;
  dash?: number[];
  fill?: boolean;
  width?: number;
  /** Not in the legend: the plot's title says what it is. */
  quiet?: boolean;
  /** In the legend only where the run has it. */
  onlyWhereKnown?: boolean;
  values(run: RunModel): (number | null)[];
}

export interface ChartSpec {
  title: string;
  unit: string;
  log?: boolean;
  series: SeriesSpec[];
  /** Markers have words here. */
  words?: boolean;
  /** Stands after the unit: a figure of the run's latest sample. */
  latest?(run: RunModel): string;
  /** Whether a run has it; one that has not has no such plot. */
  isKnown?(run: RunModel): boolean;
  /** Times of throttling are shaded. */
  shade?: boolean;
  format(value: number): string;
}

const part = (name: PartName, label: string, dash: number[]): SeriesSpec[] => [
  { label, color: '--cpu', dash, values: (run) => run.cores(name) },
  ...(name === 'generator'
    ? []
    : [
        {
          label: `${label} cap`,
          color: '--cap',
          dash: [2, 3],
          width: 1,
          quiet: true,
          values: (run: RunModel) => run.cores(name, 'capCores'),
        },
      ]),
];

export const specs: readonly ChartSpec[] = [
  {
    title: 'Rate',
    unit: 'jobs/s',
    words: true,
    format: whole,
    series: [
      { label: 'completed', color: '--rate', fill: true, width: 2, values: (run) => run.rates('completed') },
      { label: 'submitted', color: '--rate', dash: [4, 4], values: (run) => run.rates('submitted') },
      { label: 'failed', color: '--error', dash: [2, 2], values: (run) => run.rates('failed') },
      {
        label: 'goal',
        color: '--ink-2',
        dash: [8, 4],
        width: 1,
        onlyWhereKnown: true,
        values: (run) => run.samples.map(() => run.goalPerS),
      },
    ],
  },
  {
    title: 'Latency, due to acknowledged',
    unit: 'ms, logarithmic',
    log: true,
    format: (ms) => duration(ms * 1000),
    series: [
      { label: 'p50', color: '--latency', width: 2, values: (run) => run.latencies('p50') },
      { label: 'p95', color: '--latency', dash: [6, 3], values: (run) => run.latencies('p95') },
      { label: 'p99', color: '--latency', dash: [2, 2], values: (run) => run.latencies('p99') },
    ],
  },
  {
    title: 'Queue',
    unit: 'jobs waiting',
    latest: (run) => oldestText(run.samples.at(-1)?.oldestJobS),
    format: whole,
    series: [{ label: 'depth', color: '--queue', fill: true, width: 2, values: (run) => run.depths() }],
  },
  {
    title: 'CPU by part',
    unit: 'cores; dotted: caps; shaded: held back',
    shade: true,
    format: cores,
    series: [
      ...part('workers', 'workers', []),
      ...part('server', 'server', [8, 3]),
      ...part('api', 'api', [4, 3]),
      ...part('generator', 'generator', [1, 3]),
    ],
  },
  {
    title: 'Network',
    unit: "MB/s over this host's links, with loopback",
    isKnown: (run) => run.samples.findLast(({ network }) => network) !== undefined,
    format: short,
    series: [
      { label: 'in', color: '--network', width: 2, values: (run) => run.network('inPerS') },
      { label: 'out', color: '--network', dash: [6, 3], values: (run) => run.network('outPerS') },
    ],
  },
];

/** Of a run that is laid over another the last that it has: the other one may be longer. */
function latestOf(values: ArrayLike<number | null | undefined>, two: boolean): number | null | undefined {
  let at = values.length - 1;
  while (two && at > 0 && values[at] == null) at--;
  return values[at];
}

/** Seconds on an axis: `40 s`, `5 min`, `7.5 min`. */
const momentText = (seconds: number) => (seconds < 180 ? `${seconds} s` : `${short(seconds / 60)} min`);

const wordedTicks: uPlot.Axis.Filter = (plot, splits, axis, space, increment) => {
  const filter = plot.axes[axis]?.filter;
  return typeof filter === 'function' ? filter(plot, splits, axis, space, increment) : splits;
};

/** The line as the plot draws it, dashes and all. */
function drawSwatch(marker: Element, color: string, { dash = [], width = 1.5 }: SeriesSpec): void {
  const root = marker.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'svg'));
  const attributes = {
    x1: 0,
    x2: 16,
    y1: 4,
    y2: 4,
    'stroke-width': Math.max(width, 1.5),
    'stroke-dasharray': dash.join(' '),
  };
  fillShapes(root, [{ name: 'line', class: 'swatch', attributes: { ...attributes, stroke: css(color) } }]);
}

const sync = uPlot.sync('run');
/** In sight at a time: more than pixels. */
const mostPoints = 800;

/** One plot, of one run or of two laid over each other. */
export class Chart {
  readonly spec: ChartSpec;
  readonly #holder: HTMLElement;
  #plot: uPlot | null = null;
  #shown = '';
  readonly #onZoom: () => void;
  #run: RunModel | null = null;

  /** `onZoom`: another stretch is in sight, which may have more to show. */
  constructor(holder: HTMLElement, spec: ChartSpec, onZoom: () => void) {
    this.#holder = holder;
    this.#onZoom = onZoom;
    this.spec = spec;
    new ResizeObserver(() => this.#resize()).observe(holder);
  }

  #size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#holder;
    const legend = this.#plot?.root.querySelector<HTMLElement>('.u-legend')?.offsetHeight ?? 22;
    return { width: Math.max(200, clientWidth), height: Math.max(90, clientHeight - legend) };
  }

  /** The legend has its height only once the plot has its width: what it leaves is known a frame later. */
  #resize(): void {
    const size = this.#size();
    this.#plot?.setSize(size);
    requestAnimationFrame(() => {
      const { width, height } = this.#size();
      if (height !== size.height || width !== size.width) this.#plot?.setSize({ width, height });
    });
  }

  /** `other` is drawn paler. */
  draw(run: RunModel, other: RunModel | null): void {
    this.#run = run;
    const { latest, unit, isKnown } = this.spec;
    this.#holder.parentElement!.hidden = !(isKnown?.(run) ?? true);
    if (latest) setText(this.#holder.parentElement!.querySelector('small')!, `${unit}${latest(run)}`);
    const key = `${run.id} ${other?.id ?? ''} ${document.documentElement.dataset.theme ?? ''}`;
    if (key !== this.#shown) this.#rebuild(key, other !== null);
    const range = this.#rangeS();
    const of = (each: RunModel) => {
      const seen = each.thinned(mostPoints, range);
      return [seen.times, ...this.spec.series.map(({ values }) => values(seen))] as uPlot.AlignedData;
    };
    const data = other ? uPlot.join([of(run), of(other)]) : of(run);
    this.#plot!.setData(data.map((column) => column ?? []) as uPlot.AlignedData, !this.#zoomed());
    for (const [at, { row, series }] of this.#legend().entries())
      if (series?.onlyWhereKnown) row.hidden = !data[at]!.some((value) => value !== null);
  }

  /** Its rows, and what they stand for: the first one for the time. */
  #legend(): { row: HTMLElement; series: SeriesSpec | null }[] {
    const { series } = this.spec;
    return [...this.#plot!.root.querySelectorAll<HTMLElement>('.u-legend .u-series')].map((row, at) => ({
      row,
      series: at === 0 ? null : series[(at - 1) % series.length]!,
    }));
  }

  #throttling() {
    const seen = this.#run?.thinned(mostPoints, this.#rangeS());
    return { times: seen?.times ?? [], shares: seen?.throttled() ?? [] };
  }

  /** Puts the cursor of this plot, and so that of all plots, at that moment; null: away. */
  point(atS: number | null): void {
    const plot = this.#plot;
    if (!plot) return;
    // Before the first sample it stands at the plot's edge, not outside.
    plot.setCursor({ left: atS === null ? -10 : Math.max(0, plot.valToPos(atS, 'x')), top: atS === null ? -10 : 1 });
  }

  /** What is in sight. */
  #rangeS(): [number, number] {
    const { min, max } = this.#plot!.scales.x!;
    return this.#zoomed() ? [min!, max!] : [0, Number.POSITIVE_INFINITY];
  }

  #zoomed(): boolean {
    const plot = this.#plot!;
    const [times] = plot.data;
    const { min, max } = plot.scales.x!;
    if (times.length < 2 || min == null || max == null) return false;
    return min > times[0]! + 1e-6 || max < times.at(-1)! - 1e-6;
  }

  #rebuild(key: string, two: boolean): void {
    this.#shown = key;
    this.#plot?.destroy();
    const { spec } = this;
    const leastTop = spec.format === whole ? 4 : 0.1; // an axis of nothing but noughts says nothing
    const headroom = spec.words ? 1.2 : 1.05; // words stand above the lines
    const line = (each: SeriesSpec, pale: boolean): uPlot.Series => ({
      label: pale ? `${each.label} (other)` : each.label,
      stroke: pale ? css('--other') : css(each.color),
      width: each.width ?? 1.5,
      ...(each.dash ? { dash: each.dash } : {}),
      ...(each.fill && !pale ? { fill: `${css(each.color)}22` } : {}),
      spanGaps: true,
      points: { show: (plot: uPlot) => plot.data[0].length < 3 }, // too few for a line
      // Where the cursor is; away from the plot the latest.
      value: (plot, at, column, row) => {
        const value = row == null ? latestOf(plot.data[column] ?? [], two) : at;
        return value == null ? '–' : spec.format(value);
      },
    });
    const axis = {
      stroke: css('--ink-2'),
      grid: { stroke: css('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
    };
    const options: uPlot.Options = {
      ...this.#size(),
      cursor: { sync: { key: sync.key, setSeries: false }, drag: { x: true, y: false } },
      scales: {
        x: { time: false },
        y: spec.log ? { distr: 3 } : { range: (_u, _min, max) => [0, Math.max(max ?? 0, leastTop) * headroom] },
      },
      axes: [
        { ...axis, size: 24, values: (_u, ticks) => ticks.map(momentText) },
        {
          ...axis,
          size: 58,
          space: 24,
          // Of a logarithmic scale's lines those with words.
          ...(spec.log ? { grid: { ...axis.grid, filter: wordedTicks } } : {}),
          values: (_u, ticks) => ticks.map((tick) => (tick === null ? '' : spec.format(tick))),
        },
      ],
      legend: { markers: { width: 0, fill: 'transparent' } },
      series: [
        { label: 's', value: (_u, value) => (value == null ? '–' : value.toFixed(1)) },
        ...spec.series.map((each) => line(each, false)),
        ...(two ? spec.series.map((each) => line(each, true)) : []),
      ],
      hooks: { setSelect: [() => this.#onZoom()] },
      plugins: [
        marksPlugin(() => this.#run?.marks ?? [], spec.words ?? false),
        ...(spec.shade ? [shadePlugin(() => this.#throttling())] : []),
      ],
    };
    this.#plot = new uPlot(options, [[]], this.#holder);
    for (const [at, { row, series }] of this.#legend().entries()) {
      row.hidden = at === 0 || (series?.quiet ?? false);
      if (series)
        drawSwatch(row.querySelector('.u-marker')!, at > spec.series.length ? '--other' : series.color, series);
    }
    sync.sub(this.#plot);
    requestAnimationFrame(() => this.#resize()); // as high as the legend leaves, which is as wide as the plot only then
  }
}
