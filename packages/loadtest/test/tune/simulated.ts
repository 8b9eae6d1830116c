// Systems to tune that cost nothing to run: a rate by the laws that real ones follow, and seeded noise as a machine with neighbours
// has it: a slow drift, a little on every trial, and now and then a disturbed one.

import type { Measured } from '../../src/tune/goal.ts';
import type { Bounds, Setting } from '../../src/tune/setting.ts';
import type { Bottleneck } from '../../src/verdict.ts';

export interface SimulatedSystem {
  name: string;
  bounds: Bounds;
  bottleneck: Bottleneck;
  /** Ceilings in jobs/s, by what holds it back. */
  ceilings(setting: Setting): Partial<Record<Bottleneck, number>>;
  /** CPU of the workers a job, in µs. */
  workerUs: number;
}

/** Ceilings that meet softly: near a corner both are felt. */
function softLeast(values: readonly number[]): number {
  const power = 8;
  return values.reduce((sum, value) => sum + value ** -power, 0) ** (-1 / power);
}

export function trueRate(system: SimulatedSystem, setting: Setting): number {
  const ceilings = system.ceilings(setting);
  const rate = softLeast(Object.values(ceilings));
  // Keeping thousands of slots in step costs a little.
  return rate / (1 + 2e-6 * setting.slots);
}

/** mulberry32 */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** @returns what a trial of a setting measures, the next time it is asked */
export function simulate(system: SimulatedSystem, seed: number): (setting: Setting) => Measured {
  const random = randomFrom(seed);
  let drift = 0;
  return (setting) => {
    drift = 0.8 * drift + 0.01 * normal(random);
    const disturbed = random() < 0.03 ? 0.85 : 1;
    const ratePerS = trueRate(system, setting) * Math.exp(drift + 0.02 * normal(random)) * disturbed;
    const usedCores = Math.min(setting.cpus, (ratePerS * system.workerUs) / 1e6) * (1 + 0.02 * normal(random));
    const ceilings = Object.entries(system.ceilings(setting)) as [Bottleneck, number][];
    const [bottleneck] = ceilings.sort((a, b) => a[1] - b[1])[0]!;
    const p99Us = (setting.batchDelayMs * 0.3 + (setting.slots / ratePerS) * 250 + 3) * 1000;
    return { ratePerS, usedCores, p99Us, bottleneck };
  };
}

const bounds: Bounds = {
  slots: [250, 16_000],
  cpus: [1, 8],
  processes: [1, 8],
  batchSize: [50, 800],
  batchDelayMs: [10, 160],
};

const api = ({ batchSize }: Setting) => 1e6 / (6 + 900 / batchSize);

export const serverBound: SimulatedSystem = {
  name: 'server-bound',
  bounds,
  bottleneck: 'server',
  workerUs: 60,
  ceilings: (s) => ({
    slots: s.slots / 0.002 / 50,
    'worker-cpu': (Math.min(s.cpus, s.processes) * 1e6) / 60,
    server: 28_000,
    api: api(s),
  }),
};

export const slotBound: SimulatedSystem = {
  name: 'slot-bound, 100 ms jobs behind a 5 ms round trip',
  bounds,
  bottleneck: 'slots',
  workerUs: 12,
  ceilings: (s) => ({
    slots: s.slots / 0.105,
    'worker-cpu': (Math.min(s.cpus, s.processes) * 1e6) / 12,
    server: 300_000,
    api: 2 * api(s) + 150_000,
  }),
};

export const cpuBound: SimulatedSystem = {
  name: 'CPU-bound handler of 1 ms',
  bounds,
  bottleneck: 'worker-cpu',
  workerUs: 1010,
  ceilings: (s) => ({
    slots: s.slots / 0.01,
    'worker-cpu': (Math.min(s.cpus, s.processes) * 1e6) / 1010,
    server: 28_000,
    api: api(s),
  }),
};

export const systems = [serverBound, slotBound, cpuBound];

/** Every setting of a full grid: doublings of each dimension, processes with the CPUs. */
export function grid({ bounds: b }: SimulatedSystem): Setting[] {
  const doublings = ([least, most]: readonly [number, number]) => {
    const values: number[] = [];
    for (let value = least; value <= most; value *= 2) values.push(value);
    return values;
  };
  const settings: Setting[] = [];
  for (const slots of doublings(b.slots))
    for (const cpus of doublings(b.cpus))
      for (const batchSize of doublings(b.batchSize))
        for (const batchDelayMs of doublings(b.batchDelayMs))
          settings.push({ slots, cpus, processes: cpus, batchSize, batchDelayMs });
  return settings;
}
