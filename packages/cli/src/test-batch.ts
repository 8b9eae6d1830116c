// `jobstorm test-batch`: ten mixed jobs in one request, each seen to its end; a check that a cluster works, not a measurement.

import { type CommandHelp, defineSettings, readSettings } from '@jobstorm/program';
import { configOf, type PerfTestConfig, perfTestSettings } from './config.ts';
import { noJudging } from './judge-settings.ts';
import { plainLoad } from './load-settings.ts';
import { mixedJobs } from './mixed-batch.ts';
import { loadCommand } from './perf-test.ts';
import { noReports } from './report-settings.ts';

const { url, password, api, control, token, hostName, concurrency, cpus, engine, queue, patienceMs } = perfTestSettings;

export const testBatchSettings = defineSettings({
  url: { ...url, help: 'job server to check; without one a local cluster is booted for it' },
  password,
  api,
  control,
  token,
  hostName,
  concurrency: { ...concurrency, default: 10 },
  cpus: { ...cpus, default: 1 },
  engine,
  queue,
  patienceMs: { ...patienceMs, default: 30_000 },
});

export const testBatchHelp: CommandHelp = {
  usage: 'jobstorm test-batch [settings]',
  about:
    'Sends ten jobs of different kinds in one batch request, one of them a division by zero, and checks that each ends as it\n' +
    'should. Which cluster it runs on is chosen as for perf-test.\n' +
    '\n' +
    'exit codes: 0 all ended as they should, 104 bad settings, 105 interrupted, 112 jobs were lost or duplicated, 1 anything else',
  examples: [
    ['just test-batch', 'does the cluster that was started last work?'],
    ['FAKTORY_SERVER_IP=192.168.1.100 just test-batch', 'does that one?'],
  ],
};

/** @throws SettingsError with every mistake found */
export function readTestBatch(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): PerfTestConfig {
  const values = readSettings(testBatchSettings, argv, env);
  const { payloadBytes, failShare } = perfTestSettings;
  return configOf('test-batch', {
    ...values,
    jobs: mixedJobs.length,
    via: 'batch',
    jobtype: 'mixed',
    serviceTimeMs: null,
    payloadBytes: payloadBytes.default,
    failShare: failShare.default,
    ...plainLoad,
    thresholds: null,
    tell: null,
    ...noJudging,
    ...noReports,
  });
}

/** Runs `jobstorm test-batch` from its arguments to its exit code. Never throws. */
export function testBatch(argv: readonly string[]): Promise<number> {
  return loadCommand(
    {
      name: 'test-batch',
      help: testBatchHelp,
      table: testBatchSettings,
      read: readTestBatch,
      loadErrand: async () => (await import('./batch-errand.ts')).batchErrand,
    },
    argv,
  );
}
