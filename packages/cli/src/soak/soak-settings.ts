// What `jobstorm soak` can be told.

import { resolve } from 'node:path';
import { type CommandHelp, defineSettings, parseDurationMs, readSettings, SettingsError } from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { Type } from '@sinclair/typebox';
import { configOf, type PerfTestConfig, perfTestSettings } from '../config.ts';
import { noJudging, withoutJudging } from '../judge-settings.ts';
import { plainLoad, withoutLoad } from '../load-settings.ts';
import { openSoak, type SoakState, soakedS } from './soak-state.ts';

const { jobs: _jobs, thresholds: _thresholds, ...measuring } = perfTestSettings;
const { rate } = measuring;
const rows = withoutLoad(withoutJudging(measuring));

export const soakSettings = defineSettings({
  durationMs: {
    schema: Type.Number({ minimum: 1000, maximum: 7 * 86_400_000 }),
    flag: 'duration',
    default: 8 * 3_600_000,
    value: '8h',
    help: 'how long in all, the stretches before a --resume included; a bare number is ms',
    expected: 'a duration from 1s to 168h, like 8h',
    parse: parseDurationMs,
  },
  rate: { ...rate, default: 1000, help: 'jobs a second, submitted steadily' },
  resume: {
    schema: Type.String({ minLength: 1 }),
    flag: 'resume',
    default: null,
    value: 'FILE',
    help: 'keep what was seen in this file, and go on with what is in it: the same command again after ctrl-C',
    expected: 'the path of a file',
    parse: (text) => resolve(text),
  },
  ...rows,
});

export interface SoakConfig extends PerfTestConfig {
  soak: { state: SoakState; path: string | null; durationS: number };
}

export const soakHelp: CommandHelp = {
  usage: 'jobstorm soak [settings]',
  about:
    'Submits jobs at a steady rate for hours and says of memory, open files, latency and backlog whether they grow: the slope of each with its\n' +
    '95% interval, and the verdict flat or growing. ctrl-C ends it early with what was seen; with --resume FILE the same command goes on later.\n' +
    '\n' +
    'exit codes: 0 all flat, 99 something grows, 104 bad settings, 105 interrupted, 111 the measurement is not valid, 112 jobs were lost\n' +
    'or duplicated, 1 anything else',
  examples: [
    ['just soak --duration 8h --resume soak.json', 'a night; ctrl-C and the same command again go on with it'],
    ['just soak --duration 60s --rate 5000', 'a first look: what grows fast'],
    ['FAKTORY_SERVER_IP=192.168.1.100 just soak --rate 200', 'against a Faktory that runs there'],
  ],
};

/** @throws SettingsError with every mistake found */
export function readSoak(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): SoakConfig {
  const { resume, durationMs, ...given } = readSettings(soakSettings, argv, env);
  const values = { ...plainLoad, ...given };
  const whole = configOf('soak', { ...values, jobs: 1, thresholds: null, ...noJudging });
  const state = openSoak(resume, {
    ratePerS: values.rate,
    jobtype: whole.shape.jobtype,
    serviceMs: whole.shape.serviceMs,
    via: whole.via,
    concurrency: values.concurrency,
    cpus: whole.workerCpus,
    server: whole.server && describeAddress(whole.server),
  });
  const leftS = durationMs / 1000 - soakedS(state);
  const jobs = Math.round(leftS * values.rate);
  if (jobs < 1) {
    throw new SettingsError([
      `--resume: the soak in ${resume} is done, ${Math.round(soakedS(state))} s of it: give it a longer --duration, or another file`,
    ]);
  }
  const config = configOf('soak', { ...values, jobs, thresholds: null, ...noJudging });
  return { ...config, soak: { state, path: resume, durationS: durationMs / 1000 } };
}
