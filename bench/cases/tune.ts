// Tunings of three systems whose limit is known beforehand, again and again: what they choose, how fast that is when it is
// verified, and how far the choices of repeated tunings differ. The search itself is gated on simulated systems, in the tests.

import { readFileSync } from 'node:fs';
import type { RunResult } from '@jobstorm/loadtest';
import { FaultProxy } from '@jobstorm/testkit';
import type { BenchCase, Figure, Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { runCommand, scratchPath } from '../part.ts';

interface Prepared {
  name: string;
  /** What holds it back, by the name that a verdict has for it; parts that share this machine's cores may hide it. */
  limits: readonly string[];
  args: readonly string[];
  /** The job server's address; null: the tuning boots its own. */
  open(nest: Nest): Promise<string | null>;
}

const quickSearch = [
  '--window',
  '2s',
  '--settle',
  '500ms',
  '--trials',
  '24',
  '--batch-size',
  '100',
  '--batch-delay',
  '100',
];

const prepared: readonly Prepared[] = [
  {
    name: 'server-bound: real Faktory, no-op jobs',
    limits: ['server', 'server-redis', 'machine-cpu'],
    args: ['--jobtype', 'noop', '--slots', '50:4000'],
    open: async (nest) => (await nest.server('real Faktory')).url,
  },
  {
    name: 'slot-bound: 100 ms jobs behind a 5 ms round trip',
    limits: ['slots', 'fetch'],
    args: ['--service-time', '100ms', '--slots', '100:1600', '--via', 'direct'],
    async open(nest) {
      const proxy = await FaultProxy.start(await nest.server('server-node'));
      nest.add(() => proxy.close());
      proxy.roundTripMs = 5;
      return proxy.url;
    },
  },
  {
    name: 'CPU-bound: jobs that compute for 1 ms',
    limits: ['worker-cpu', 'throttling', 'machine-cpu'],
    args: ['--jobtype', 'spin', '--service-time', '1ms', '--slots', '10:400'],
    open: async () => null,
  },
];

let made = 0;

async function tuneOnce({ name, limits, args, open }: Prepared): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const url = await open(nest);
    const json = scratchPath(`tune-${made++}.json`);
    const where = url === null ? [] : ['--url', url];
    const { code, wallMs, said } = await runCommand(['tune', ...args, ...quickSearch, ...where, '--json', json]);
    if (code !== 0) throw new Error(`tuning ${name} ended with ${code}: ${said}`);
    const { found, verdict } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
    const { winner, ratePerS, trials } = found!;
    const named = limits.includes(verdict.bottleneck) ? 1 : 0;
    return { ratePerS, slots: winner.slots, cpus: winner.cpus, trials, seconds: wallMs / 1000, named };
  });
}

const spread = ({ name }: Prepared): Figure => ({
  what: `${name}: limit named right, share of the tunings`,
  value: (median) => median(name, 'named'),
  digits: 0,
  unit: '',
  atLeast: 1,
});

export const tune: BenchCase = {
  name: 'tune',
  about:
    'jobstorm tune on three systems whose limit is known: what it chooses and how fast that is, tuning after tuning',
  realFaktory: 'beside',
  columns: [
    { key: 'ratePerS', title: 'verified jobs/s', digits: 0 },
    { key: 'slots', title: 'slots', digits: 0 },
    { key: 'cpus', title: 'CPUs', digits: 1 },
    { key: 'trials', title: 'trials', digits: 0 },
    { key: 'seconds', title: 's', digits: 0 },
    { key: 'named', title: 'limit named', digits: 0 },
  ],
  figures: prepared.map(spread),
  async sides({ realFaktory }): Promise<Side[]> {
    const able = prepared.filter(({ name }) => realFaktory || !name.includes('real Faktory'));
    return able.map((system) => ({ name: system.name, run: () => tuneOnce(system) }));
  },
};
