// What `jobstorm tune` can be told.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Bounds, type Goal, parseGoal, type SearchOptions, type Setting } from '@jobstorm/loadtest';
import { type CommandHelp, defineSettings, parseDurationMs, readSettings, SettingsError } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';
import { configOf, type PerfTestConfig, perfTestSettings } from '../config.ts';
import { noJudging, withoutJudging } from '../judge-settings.ts';
import { plainLoad, withoutLoad } from '../load-settings.ts';

const {
  jobs: _jobs,
  thresholds: _thresholds,
  concurrency: _slots,
  cpus: _cpus,
  engine: _engine,
  ...measuring
} = perfTestSettings;

/** `250:16000`, or one number that is held. Throws on anything else. */
export function parseBounds(text: string): readonly [number, number] {
  const match = /^(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$/.exec(text.trim());
  const [least, most] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (!match || !(least > 0) || !(most >= least)) throw new RangeError(text);
  return [least, most];
}

function boundsSetting<Flag extends string>(flag: Flag, fallback: string, help: string) {
  return {
    schema: Type.String(),
    flag,
    default: fallback,
    value: 'LEAST:MOST',
    help,
    expected: `two numbers above 0 like ${fallback}, the smaller one first, or one that is held`,
    parse: (text: string) => {
      parseBounds(text);
      return text;
    },
  };
}

export const tuneSettings = defineSettings({
  goal: {
    schema: Type.String(),
    flag: 'goal',
    default: 'rate',
    value: 'GOAL',
    help: "rate, rate-per-core, or the like of 'p99<50ms': the highest rate that keeps it",
    expected: "rate, rate-per-core or the like of 'p99<50ms'",
    parse: (text) => {
      parseGoal(text);
      return text;
    },
  },
  trials: {
    schema: Type.Integer({ minimum: 4, maximum: 1000 }),
    flag: 'trials',
    default: 40,
    value: 'N',
    help: 'trials at most; a search usually ends after half of that',
    expected: 'a whole number from 4 to 1000',
  },
  windowMs: {
    schema: Type.Number({ minimum: 500, maximum: 600_000 }),
    flag: 'window',
    default: 5000,
    value: '5s',
    help: 'how long a trial is measured',
    expected: 'a duration from 500ms to 10m, like 5s',
    parse: parseDurationMs,
  },
  settleMs: {
    schema: Type.Number({ minimum: 0, maximum: 60_000 }),
    flag: 'settle',
    default: 1000,
    value: '1s',
    help: 'how long a new setting is left alone, under load, before it is measured',
    expected: 'a duration from 0 to 1m, like 1s',
    parse: parseDurationMs,
  },
  latencyMs: {
    schema: Type.Number({ minimum: 0, maximum: 600_000 }),
    flag: 'latency',
    default: null,
    value: '2s',
    help: 'how long p99 is looked at, at 80% of the rate that was found; 0: not at all [default: 30% of --window, 1 to 3 s; all of it where p99 is the goal]',
    expected: 'a duration from 0 to 10m, like 2s',
    parse: parseDurationMs,
  },
  slots: boundsSetting('slots', '250:16000', 'slots to try'),
  cpus: boundsSetting(
    'cpus',
    `1:${availableParallelism()}`,
    "the worker's CPUs to try, where it is the tuning's own, or was started by this checkout on this host",
  ),
  batchSize: boundsSetting('batch-size', '50:800', 'BATCH_MAX_SIZE to try'),
  batchDelayMs: boundsSetting('batch-delay', '10:160', 'BATCH_MAX_DELAY_MS to try'),
  grid: {
    schema: Type.Integer({ minimum: 1, maximum: 16 }),
    flag: 'grid',
    default: null,
    value: 'STEPS',
    help: 'no search: measure every setting of a grid within the bounds, slots in so many steps to a doubling',
    expected: 'a whole number from 1 to 16',
  },
  save: {
    schema: Type.Boolean(),
    flag: 'save',
    default: null,
    help: 'make what was found the default of docker-compose.worker.yml and docker-compose.server.yml; old values stand beside it',
    expected: 'true or false',
  },
  resume: {
    schema: Type.Boolean(),
    flag: 'resume',
    default: null,
    help: 'go on with the tuning that was interrupted last in this checkout; its trials are not run again',
    expected: 'true or false',
  },
  dryRun: {
    schema: Type.Boolean(),
    flag: 'dry-run',
    default: null,
    help: 'say what it would try and how long that takes, and do nothing',
    expected: 'true or false',
  },
  dashboardPort: {
    schema: Type.Integer({ minimum: 0, maximum: 65_535 }),
    env: ['DASHBOARD_PORT'],
    default: 7460,
    help: 'port of the dashboard, where the tuning has to start one; if it is taken, any other',
    expected: 'a port from 0 to 65535',
  },
  ...withoutLoad(withoutJudging(measuring)),
});

export interface TuneConfig extends PerfTestConfig {
  tune: {
    goal: Goal;
    goalText: string;
    search: SearchOptions;
    windowMs: number;
    settleMs: number;
    /** 0: p99 is not looked at. */
    latencyMs: number;
    save: boolean;
    resume: boolean;
    dryRun: boolean;
  };
}

export const tuneHelp: CommandHelp = {
  usage: 'jobstorm tune [settings]',
  about:
    'Finds the slots, CPUs, processes and batch settings that give most: doubles the slots until that gains nothing, narrows between the best\n' +
    "and its neighbours, asks whether CPUs and batches matter, repeats what noise can't tell apart, and takes the cheapest of what is as\n" +
    'good. What it found is measured once more, outside the search. Each step can be watched on the dashboard, whose link comes first.\n' +
    'A trial that has lost beyond doubt ends early. Interrupted, it goes on with --resume, and a cluster that was running has its own\n' +
    'settings back; when it ends, what was found stays in force there. Without a server it tunes a local cluster (server-node in memory).\n' +
    'Of one that runs it changes slots, processes and batch settings, and CPUs where `just worker` started the worker on this host.\n' +
    '\n' +
    'exit codes: 0 found, 104 bad settings, 105 interrupted, 111 no trial was valid, 1 anything else',
  examples: [
    ['just tune', 'on this machine, nothing to install'],
    ['just tune --goal rate-per-core', 'the most for each core'],
    ["just tune --goal 'p99<50ms' --slots 500:8000", 'the highest rate that keeps p99 under 50 ms'],
    ['just tune --save', 'and keep it as the default of just worker'],
    ['just tune --service-time 100ms --dry-run', 'what it would do'],
  ],
};

function boundsOf(v: { slots: string; cpus: string; batchSize: string; batchDelayMs: string }): Bounds {
  const cpus = parseBounds(v.cpus);
  return {
    slots: parseBounds(v.slots),
    cpus,
    processes: [Math.max(1, Math.floor(cpus[0])), Math.ceil(cpus[1])],
    batchSize: parseBounds(v.batchSize),
    batchDelayMs: parseBounds(v.batchDelayMs),
  };
}

/** How long p99 is looked at; where it is the goal, as long as the rate. */
function latencyFor(goal: Goal, windowMs: number, asked: number | null): number {
  if (asked !== null) return asked;
  return goal.kind === 'p99' ? windowMs : Math.min(windowMs, 3000, Math.max(1000, 0.3 * windowMs));
}

/** From few slots on all CPUs, with the batches that are the default. */
export function startIn(bounds: Bounds): Setting {
  const cpus = bounds.cpus[1];
  return { slots: bounds.slots[0] * 2, cpus, processes: Math.ceil(cpus), batchSize: 100, batchDelayMs: 100 };
}

/** @throws SettingsError with every mistake found */
export function readTune(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): TuneConfig {
  const {
    goal: goalText,
    trials,
    windowMs,
    settleMs,
    latencyMs,
    grid,
    save,
    resume,
    dryRun,
    ...given
  } = readSettings(tuneSettings, argv, env);
  const { slots, cpus, batchSize, batchDelayMs, dashboardPort, ...rest } = given;
  const bounds = boundsOf({ slots, cpus, batchSize, batchDelayMs });
  const start = startIn(bounds);
  const values = { ...rest, jobs: null, concurrency: start.slots, cpus: start.cpus, engine: 'pipelined' as const };
  const config = configOf('tune', { ...plainLoad, ...values, durationMs: windowMs, thresholds: null, ...noJudging });
  const goal = parseGoal(goalText);
  if (goal.kind === 'p99' && latencyMs === 0)
    throw new SettingsError([`--latency 0: the goal ${goalText} needs p99 to be looked at`]);
  const isShown = !dryRun && config.values.tell === null;
  return {
    ...config,
    ...(isShown ? { shownRoom: { port: dashboardPort, runs: join(process.cwd(), '.jobstorm', 'runs') } } : {}),
    tune: {
      goal,
      goalText,
      search: {
        goal,
        bounds,
        start,
        mostTrials: trials,
        ...(grid === null ? {} : { gridSteps: grid }),
      },
      windowMs,
      settleMs,
      latencyMs: latencyFor(goal, windowMs, latencyMs),
      save: save ?? false,
      resume: resume ?? false,
      dryRun: dryRun ?? false,
    },
  };
}
