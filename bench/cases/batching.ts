// What the batches of the api-service cost a job and buy the run: one job a request, joined into PUSHBs of up to 100 and not at all.

import { readFileSync } from 'node:fs';
import { batchingSentence } from '@jobstorm/loadtest';
import { type BenchCase, ratioOf, readingOf, type Side } from '../case.ts';
import { runCommand, scratchPath } from '../part.ts';

interface Result {
  throughput: { completePerS: number | null };
  latencyUs: Record<'batchWait' | 'submit', { p50: number } | null>;
  cost: { apiCoreSecondsPer1kJobs: number | null };
}

async function measure(jobs: number, maxSize: number): Promise<Record<string, number>> {
  const path = scratchPath('batching.json');
  const env = { BATCH_MAX_SIZE: String(maxSize) };
  const { code, said } = await runCommand(['perf-test', String(jobs), '--via', 'api', '--json', path], env);
  if (code !== 0) throw new Error(`perf-test ended with exit code ${code}: ${said.trim()}`);
  const { throughput, latencyUs, cost } = JSON.parse(readFileSync(path, 'utf8')) as Result;
  return {
    perS: throughput.completePerS ?? Number.NaN,
    waitP50Us: latencyUs.batchWait?.p50 ?? Number.NaN,
    submitP50Us: latencyUs.submit?.p50 ?? Number.NaN,
    apiUs: (cost.apiCoreSecondsPer1kJobs ?? Number.NaN) * 1000,
  };
}

const [single, batched] = ['each job alone', 'up to 100 together'];

export const batching: BenchCase = {
  name: 'batching',
  about: 'perf-test --via api with BATCH_MAX_SIZE=1 and 100: what batches cost a job, and what they buy',
  realFaktory: 'unused',
  columns: [
    { key: 'perS', title: 'jobs/s completed', digits: 0 },
    { key: 'waitP50Us', title: 'batch wait p50, us', digits: 0 },
    { key: 'submitP50Us', title: 'submit p50, us', digits: 0 },
    { key: 'apiUs', title: 'api us/job', digits: 1 },
  ],
  figures: [
    { what: 'batches bought', value: ratioOf(batched, single, 'perS'), digits: 2, unit: 'x jobs/s' },
    { what: 'batch wait p50', value: readingOf(batched, 'waitP50Us'), digits: 0, unit: ' us' },
  ],
  async sides({ count, note }): Promise<Side[]> {
    const jobs = count(60_000, 5000);
    let alone: Record<string, number> | null = null;
    return [
      {
        name: single,
        run: async () => {
          alone = await measure(jobs, 1);
          return alone;
        },
      },
      {
        name: batched,
        run: async () => {
          const together = await measure(jobs, 100);
          const side = ({ waitP50Us = Number.NaN, perS = Number.NaN }: Record<string, number>) => ({ waitP50Us, perS });
          if (alone) note(batchingSentence(side(together), side(alone)) ?? 'not measured');
          return together;
        },
      },
    ];
  },
};
