// How a run's jobs come in, as it can be told: the settings, and the load model that they come to together.

import {
  closedLoad,
  type LoadModel,
  type MeasuredPart,
  meanRateOf,
  type RampStage,
  rampJobs,
} from '@jobstorm/loadtest';
import { defineSettings, parseDurationMs, type SettingsOf } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';

export const mostJobs = 100_000_000;
export const defaultJobs = 10_000;
export const defaultSeed = 1;
const defaultBacklog = 10_000;

const mostPerS = 10_000_000;

/** `1000:20000/60s,20000/30s`. Throws on anything else. */
export function parseRamp(text: string): RampStage[] {
  return text.split(',').map((stage) => {
    const match = /^\s*(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?\/(\S+)\s*$/.exec(stage);
    const [fromPerS, toPerS] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    const overMs = parseDurationMs(match?.[3] ?? '');
    if (!(overMs > 0) || !(Math.max(fromPerS, toPerS) <= mostPerS)) throw new RangeError(stage);
    return { fromPerS, toPerS, overMs };
  });
}

/** `5000/10s`. Throws on anything else. */
export function parseBursts(text: string): { jobs: number; everyMs: number } {
  const match = /^\s*([1-9]\d{0,7})\/(\S+)\s*$/.exec(text);
  const everyMs = parseDurationMs(match?.[2] ?? '');
  if (!(everyMs > 0)) throw new RangeError(text);
  return { jobs: Number(match![1]), everyMs };
}

/** Checks with that parser; the text comes back as it is. */
function readable(parse: (text: string) => unknown): (text: string) => string {
  return (text) => {
    parse(text);
    return text;
  };
}

export const loadSettings = defineSettings({
  rate: {
    schema: Type.Number({ minimum: 0.01, maximum: mostPerS }),
    flag: 'rate',
    default: null,
    value: 'JOBS_PER_S',
    help: 'submit at this steady rate, whatever the replies (an open run: its latencies can be quoted)',
    expected: 'jobs a second from 0.01 to 10000000',
  },
  ramp: {
    schema: Type.String(),
    flag: 'ramp',
    default: null,
    value: 'FROM:TO/TIME',
    help: 'submit at a rate that changes in a line: 1000:20000/60s; several with commas, 20000/30s holds one',
    expected: 'the like of 1000:20000/60s or 1000:5000/10s,5000/30s',
    parse: readable((text) => {
      if (rampJobs(parseRamp(text)) < 1) throw new RangeError(text);
    }),
  },
  burst: {
    schema: Type.String(),
    flag: 'burst',
    default: null,
    value: 'JOBS/TIME',
    help: 'submit so many at once, again and again: 5000/10s (with JOBS or --duration to end it)',
    expected: 'the like of 5000/10s',
    parse: readable(parseBursts),
  },
  tides: {
    schema: Type.Integer({ minimum: 1, maximum: 1000 }),
    flag: 'tides',
    default: null,
    value: 'N',
    help: 'submit JOBS in N parts, each when all of the one before are done: ebb and flow, with the time to drain',
    expected: 'a whole number from 1 to 1000',
  },
  drain: {
    schema: Type.Boolean(),
    flag: 'drain',
    default: null,
    help: 'queue all jobs first, then start the worker: how fast it takes a backlog off',
    expected: 'true or false',
  },
  durationMs: {
    schema: Type.Number({ minimum: 1, maximum: 86_400_000 }),
    flag: 'duration',
    default: null,
    value: '10s',
    help: 'how long to submit: with --rate or --burst at that pace, else so many jobs that --backlog of them wait',
    expected: 'a duration from 1ms to 24h, like 10s',
    parse: parseDurationMs,
  },
  backlog: {
    schema: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
    flag: 'backlog',
    default: null,
    value: 'JOBS',
    help: `for --duration without a rate: jobs to keep waiting in the queue [default ${defaultBacklog}]`,
    expected: 'a whole number from 1 to 10000000',
  },
  generators: {
    schema: Type.Integer({ minimum: 1, maximum: 64 }),
    flag: 'generators',
    default: null,
    value: 'N',
    help: 'processes that submit, each a share of the jobs [default 1; as many as the rate asks for]',
    expected: 'a whole number from 1 to 64',
  },
  scenario: {
    schema: Type.String({ minLength: 1 }),
    flag: 'scenario',
    default: null,
    value: 'NAME|FILE',
    help: 'jobs and load that are ready by name (--scenario list), or of a YAML file; flags come before it',
    expected: 'a name that --scenario list shows, or the path of a .yaml file',
  },
  seed: {
    schema: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }),
    flag: 'seed',
    default: null,
    value: 'N',
    help: `of the chance that decides kinds, times and failures of a scenario's jobs [default ${defaultSeed}]`,
    expected: 'a whole number from 0 to 4294967295',
  },
  phase: {
    schema: Type.Union([Type.Literal('both'), Type.Literal('enqueue'), Type.Literal('process')]),
    flag: 'phase',
    default: null,
    value: 'PART',
    help: 'measure both at once [default]; only enqueue (workers start afterwards); only process (all jobs are queued before)',
    expected: 'both, enqueue or process',
  },
});

/** A table without these settings, for a command whose jobs come in as it says itself. */
export function withoutLoad<T extends typeof loadSettings>(table: T): Omit<T, keyof typeof loadSettings> {
  const names: ReadonlySet<string> = new Set(Object.keys(loadSettings));
  return Object.fromEntries(Object.entries(table).filter(([name]) => !names.has(name))) as Omit<
    T,
    keyof typeof loadSettings
  >;
}

export type LoadValues = SettingsOf<typeof loadSettings>;

/** Of a run that takes none of these. */
export const plainLoad: LoadValues = {
  rate: null,
  ramp: null,
  burst: null,
  tides: null,
  drain: null,
  durationMs: null,
  backlog: null,
  generators: null,
  scenario: null,
  seed: null,
  phase: null,
};

/** What the settings come to together. */
export interface LoadChoice {
  load: LoadModel;
  /** To submit, at most. */
  jobs: number;
  ratePerS: number | null;
  held: boolean;
  measured: MeasuredPart;
}

function modelOf(v: LoadValues): LoadModel {
  if (v.rate !== null) return { kind: 'rate', ratePerS: v.rate };
  if (v.ramp !== null) return { kind: 'ramp', stages: parseRamp(v.ramp) };
  if (v.burst !== null) return { kind: 'bursts', ...parseBursts(v.burst) };
  if (v.tides !== null) return { kind: 'tides', tides: v.tides };
  if (v.durationMs !== null) return { kind: 'backlog', jobs: v.backlog ?? defaultBacklog, durationMs: v.durationMs };
  return closedLoad;
}

function jobsFor(load: LoadModel, { durationMs }: LoadValues): number | null {
  switch (load.kind) {
    case 'ramp':
      return rampJobs(load.stages);
    case 'backlog':
      return mostJobs;
    case 'rate':
      return durationMs === null ? null : Math.floor((load.ratePerS * durationMs) / 1000);
    case 'bursts':
      return durationMs === null ? null : Math.ceil(durationMs / load.everyMs) * load.jobs;
    default:
      return null;
  }
}

/** Pairs that say different things about the same, by their flags. */
function contradictions(v: LoadValues, jobs: number | null): string[] {
  const given = (['rate', 'ramp', 'burst', 'tides'] as const).filter((name) => v[name] !== null);
  const paces = given.map((name) => `--${name}`);
  const mistakes =
    paces.length > 1 ? [`${paces.join(' and ')} each say when jobs are submitted: give one of them`] : [];
  if (v.durationMs !== null && jobs !== null)
    mistakes.push('JOBS and --duration both say when to end: give one of them');
  if (v.ramp !== null && jobs !== null)
    mistakes.push('JOBS and --ramp both say how many jobs there are: give one of them');
  for (const name of ['ramp', 'tides'] as const) {
    if (v[name] !== null && v.durationMs !== null)
      mistakes.push(`--${name} has an end of its own: leave --duration out`);
  }
  const before = v.drain ? '--drain' : v.phase === 'process' ? '--phase process' : null;
  if (before && (paces.length > 0 || v.durationMs !== null)) {
    const pace = paces[0] ?? '--duration';
    mistakes.push(`${before} queues all jobs before the first one runs, as fast as they are taken: leave ${pace} out`);
  }
  if (v.drain && (v.phase ?? 'both') !== 'both')
    mistakes.push(`--drain measures both: leave out either it or --phase ${v.phase}`);
  if (v.phase === 'enqueue' && (v.tides !== null || (v.durationMs !== null && paces.length === 0))) {
    const pace = v.tides === null ? '--duration without a rate' : '--tides';
    mistakes.push(`${pace} needs workers at the same time: leave --phase enqueue out`);
  }
  return mistakes;
}

/** Adds what doesn't go together to `mistakes`. @param jobs JOBS as given; null: not */
export function chooseLoad(v: LoadValues, jobs: number | null, mistakes: string[]): LoadChoice {
  mistakes.push(...contradictions(v, jobs));
  const load = modelOf(v);
  const all = jobsFor(load, v) ?? jobs ?? defaultJobs;
  if (all < 1 || all > mostJobs) {
    const how = load.kind === 'rate' ? '--rate x --duration' : `--${load.kind === 'ramp' ? 'ramp' : 'burst'}`;
    mistakes.push(`${how} is ${all} jobs, expected 1 to ${mostJobs}`);
  }
  if (load.kind === 'tides' && load.tides > all)
    mistakes.push(`--tides: got ${load.tides} for ${all} jobs, expected a job in each at least`);
  const measured = v.phase ?? 'both';
  if ((v.generators ?? 1) > 1 && (load.kind === 'backlog' || load.kind === 'tides')) {
    const pace = load.kind === 'tides' ? '--tides' : '--duration without a rate';
    mistakes.push(`${pace} is submitted by one generator: leave --generators out`);
  }
  const held = v.drain === true || measured !== 'both';
  return { load, jobs: all, ratePerS: meanRateOf(load), held, measured };
}
