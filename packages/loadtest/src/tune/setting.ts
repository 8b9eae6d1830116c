// A point of the space that a tuning searches, and the bounds of that space. Pure. Invariant: a setting in a search lies inside the
// bounds and on round figures, so that two ways to the same place give the same key.

export interface Setting {
  /** Of all workers together. */
  slots: number;
  /** The worker's cap, in cores. */
  cpus: number;
  /** Of the worker. */
  processes: number;
  batchSize: number;
  batchDelayMs: number;
}

export type Dimension = keyof Setting;

/** Least and most, both allowed; the same twice: held fixed. */
export type Bounds = Readonly<Record<Dimension, readonly [least: number, most: number]>>;

export const dimensions: readonly Dimension[] = ['slots', 'cpus', 'processes', 'batchSize', 'batchDelayMs'];

export function settingKey(setting: Setting): string {
  return dimensions.map((dimension) => setting[dimension]).join('/');
}

/** Two figures that count, as people write settings: 2,800 and not 2,828. CPUs in tenths. */
function round(dimension: Dimension, value: number): number {
  if (dimension === 'cpus') return Math.round(value * 10) / 10;
  if (value < 100) return Math.round(value);
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / step) * step;
}

/** `setting` with some of it changed, on round figures and inside the bounds. */
export function moved(setting: Setting, change: Partial<Setting>, bounds: Bounds): Setting {
  const wanted = { ...setting, ...change };
  const at = (dimension: Dimension) => {
    const [least, most] = bounds[dimension];
    return Math.min(most, Math.max(least, round(dimension, wanted[dimension])));
  };
  return {
    slots: at('slots'),
    cpus: at('cpus'),
    processes: at('processes'),
    batchSize: at('batchSize'),
    batchDelayMs: at('batchDelayMs'),
  };
}

/** Fewer CPUs first, then fewer processes, slots, less delay, smaller batches. Negative: `a` is the cheaper one. */
export function compareCost(a: Setting, b: Setting): number {
  for (const dimension of ['cpus', 'processes', 'slots', 'batchDelayMs', 'batchSize'] as const) {
    if (a[dimension] !== b[dimension]) return a[dimension] - b[dimension];
  }
  return 0;
}

const short: Record<Dimension, readonly [one: string, several: string]> = {
  slots: ['slot', 'slots'],
  cpus: ['CPU', 'CPUs'],
  processes: ['process', 'processes'],
  batchSize: ['job a batch', 'jobs a batch'],
  batchDelayMs: ['ms delay', 'ms delay'],
};

/** `4,000 slots, 4 CPUs`; `only`: those dimensions. */
export function describeSetting(setting: Setting, only: readonly Dimension[] = dimensions): string {
  const text = (dimension: Dimension) =>
    `${setting[dimension].toLocaleString('en-GB')} ${short[dimension][setting[dimension] === 1 ? 0 : 1]}`;
  return only.map(text).join(', ');
}
