// What a run's result says besides its measurements: who asked for what, on which machine; and the result of a run that did not
// come about. No password gets into either.

import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import {
  buildResult,
  emptyTotals,
  type Measured,
  type RunPlan,
  type RunResult,
  type RunSettings,
} from '@jobstorm/loadtest';
import type { Setting } from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { type PerfTestConfig, perfTestSettings } from './config.ts';
import { judgeFlags } from './judge-settings.ts';
import { inMemory } from './local-server.ts';
import { reportFlags } from './report-settings.ts';

/** Where the result goes, and paces that say themselves how many jobs there are: advice says how many. */
const notRepeated = new Set([
  ...['url', 'tell', 'duration', 'backlog', 'ramp', 'burst', 'threshold', 'patience'],
  ...judgeFlags,
  ...reportFlags,
]);

/** What is known of a run before it begins. */
export type RunContext = Pick<
  Measured,
  'plan' | 'startedAtMs' | 'command' | 'config' | 'environment' | 'thresholds' | 'workerCpus' | 'rateCompared'
>;

/** The settings as the result has them. */
export function shownConfig(config: PerfTestConfig): Record<string, unknown> {
  const {
    url: _url,
    password: _password,
    token: _token,
    hostName: _hostName,
    stepSummary: _stepSummary,
    ...shown
  } = config.values;
  return {
    ...shown,
    jobs: config.jobs,
    jobtype: config.shape.jobtype,
    cpus: config.workerCpus,
    url: config.server ? describeAddress(config.server) : null,
  };
}

export function contextOf(config: PerfTestConfig, argv: readonly string[], plan: RunPlan): RunContext {
  return {
    plan,
    startedAtMs: Date.now(),
    command: ['jobstorm', config.command, ...hideSecrets(argv)].join(' '),
    config: shownConfig(config),
    environment: {
      cpus: availableParallelism(),
      cpuModel: cpus()[0]?.model.trim() ?? 'not known',
      memoryBytes: totalmem(),
      node: process.versions.node,
      os: `${type()} ${release()} ${process.arch}`,
      server: config.server ? describeAddress(config.server) : `${config.localServer ?? inMemory}, local`,
    },
    thresholds: config.thresholds,
    workerCpus: config.workerCpus,
    rateCompared: config.values.baseline !== null || config.turns.length > 0,
  };
}

/** The password of a URL given as an argument. */
function hideSecrets(argv: readonly string[]): string[] {
  return argv.map((argument) => argument.replace(/:[^:@/]*@/, ':***@'));
}

/** What advice repeats: flags of the run that say what to measure, not where its result goes. */
export function settingsOf({ values, server }: PerfTestConfig, own: { worker: boolean; api: boolean }): RunSettings {
  const address = server && describeAddress(server);
  // One that was not named is found again without.
  const flags: [string, string][] = address && values.url !== null ? [['url', address]] : [];
  for (const [name, setting] of Object.entries(perfTestSettings) as [keyof typeof values, Setting][]) {
    const value = values[name];
    const said = value !== null && value !== setting.default;
    if (setting.flag && said && !notRepeated.has(setting.flag))
      flags.push([setting.flag, value === true ? '' : String(value)]);
  }
  return {
    flags,
    ownWorker: own.worker,
    ownApi: own.api,
    serverHost: address ? address.replace('tcp://', '').replace(/:7419$/, '') : null,
  };
}

/** The result of a run that did not come about: nothing was measured, and this is why. */
export function failedResult(context: RunContext, reason: string): RunResult {
  const nothing = { usage: null, capCores: null, reason };
  const result = buildResult({
    ...context,
    end: 'interrupted',
    totals: emptyTotals(),
    done: {
      completed: 0,
      failed: 0,
      retried: 0,
      duplicated: 0,
      unexpected: 0,
      firstFetchUs: null,
      lastAckUs: null,
      series: null,
    },
    phases: {},
    depths: [],
    slots: null,
    machineUsedCores: null,
    settings: { flags: [], ownWorker: false, ownApi: false, serverHost: null },
    parts: { generator: nothing, api: nothing, server: nothing, workers: nothing },
    loopDelay: null,
    workersAtStart: 0,
    workersLost: [],
    local: false,
    sameClock: false,
  });
  return { ...result, valid: false, invalidBecause: [reason] };
}
