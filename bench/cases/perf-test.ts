// The whole of it: generator, api-service, server-node and worker on this machine's cores, as `jobstorm perf-test` boots them.

import { readFileSync } from 'node:fs';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { runCommand, scratchPath } from '../part.ts';

interface Result {
  jobs: { completed: number; lost: number | null; duplicated: number };
  throughput: { completePerS: number | null };
  valid: boolean;
  invalidBecause: string[];
}

async function measure(jobs: number): Promise<Record<string, number>> {
  const path = scratchPath('perf-test.json');
  const { code, wallMs, said } = await runCommand(['perf-test', String(jobs), '--json', path]);
  if (code !== 0) throw new Error(`perf-test ${jobs} ended with exit code ${code}: ${said.trim()}`);
  const result = JSON.parse(readFileSync(path, 'utf8')) as Result;
  const { lost, duplicated } = result.jobs;
  return {
    completePerS: result.throughput.completePerS ?? 0,
    wallS: wallMs / 1000,
    lostOrDuplicated: (lost ?? jobs - result.jobs.completed) + duplicated,
  };
}

export const perfTest: BenchCase = {
  name: 'perf-test',
  about: 'jobstorm perf-test 400000, all four parts on this machine; and a run of 10,000',
  realFaktory: 'unused',
  columns: [
    { key: 'completePerS', title: 'jobs/s completed', digits: 0 },
    { key: 'wallS', title: 's from command to prompt', digits: 2 },
    { key: 'lostOrDuplicated', title: 'lost or duplicated', digits: 0 },
  ],
  figures: [
    {
      what: 'completed, the long run',
      value: readingOf('long run', 'completePerS'),
      digits: 0,
      unit: ' jobs/s',
      atLeast: 70_000,
    },
    {
      what: 'lost or duplicated, the long run',
      value: readingOf('long run', 'lostOrDuplicated'),
      digits: 0,
      unit: '',
      atMost: 0,
    },
    { what: '10,000 jobs, whole command', value: readingOf('10,000 jobs', 'wallS'), digits: 2, unit: ' s' },
  ],
  async sides({ count }): Promise<Side[]> {
    return [
      { name: 'long run', run: () => measure(count(400_000, 60_000)) },
      { name: '10,000 jobs', run: () => measure(10_000) },
    ];
  },
};
