// `jobstorm stress-test`: a perf-test whose jobs all come in one POST /jobs/batch, so that the api-service has to take in, cut up
// and push what a large client sends at once.

import { type CommandHelp, defineSettings, readSettings, SettingsError } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';
import { configOf, type PerfTestConfig, perfTestSettings } from './config.ts';
import { plainLoad, withoutLoad } from './load-settings.ts';
import { loadCommand } from './perf-test.ts';

/** What the api-service takes in one request. */
const mostJobs = 100_000;
const mostBytes = 32 * 1024 * 1024;
/** Of a job in the request, at most, without its payload and its names. */
const jobBytes = 200;

const { via: _via, ...rows } = withoutLoad(perfTestSettings);

export const stressTestSettings = defineSettings({
  ...rows,
  jobs: {
    ...rows.jobs,
    schema: Type.Integer({ minimum: 1, maximum: mostJobs }),
    default: 10_000,
    help: 'jobs in the one request',
    expected: `a whole number from 1 to ${mostJobs}`,
  },
});

export const stressTestHelp: CommandHelp = {
  usage: 'jobstorm stress-test [JOBS] [settings]',
  about:
    'Sends 10,000 jobs to the api-service in one batch request, follows every one to its acknowledged end, and prints what\n' +
    'perf-test prints. Which cluster it runs on is chosen as for perf-test; exit codes are the same too.',
  examples: [
    ['just stress-test', '10,000 jobs at once'],
    ['just stress-test 100000 --json out.json', 'the largest request that the api-service takes'],
  ],
};

/** @throws SettingsError with every mistake found */
export function readStressTest(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): PerfTestConfig {
  const values = readSettings(stressTestSettings, argv, env);
  const config = configOf('stress-test', { ...values, ...plainLoad, via: 'batch' });
  const { jobs, shape } = config;
  const frame = jobBytes + shape.jobtype.length + values.queue.length;
  const bytes = jobs * (frame + shape.payloadBytes);
  if (bytes > mostBytes) {
    const each = Math.floor(mostBytes / jobs) - frame;
    throw new SettingsError([
      `${jobs} jobs of ${frame + shape.payloadBytes} bytes make a request of ${Math.ceil(bytes / 1024 ** 2)} MiB, and the api-service takes ${mostBytes / 1024 ** 2}: ` +
        `give it fewer jobs, or smaller ones${shape.payloadBytes > 0 ? ` (--payload-bytes ${Math.max(0, each)} at most)` : ''}`,
    ]);
  }
  return { ...config, perRequest: jobs };
}

/** Runs `jobstorm stress-test` from its arguments to its exit code. Never throws. */
export function stressTest(argv: readonly string[]): Promise<number> {
  return loadCommand(
    { name: 'stress-test', help: stressTestHelp, table: stressTestSettings, read: readStressTest },
    argv,
  );
}
