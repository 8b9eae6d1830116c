// How well an open run keeps its pace: what arrives at a stub, against what was due. The generator is a process of its own; the stub
// answers at once and shares the machine with it.

import { type BenchCase, readingOf, type Side } from '../case.ts';
import { type Generate, generate } from '../generator.ts';
import { Nest } from '../nest.ts';
import { startStubApi } from '../stub-api.ts';

type Pace = Pick<Generate, 'via' | 'processes'> & { ratePerS: number };

function measure({ via, processes, ratePerS }: Pace, seconds: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const stub = await startStubApi();
    nest.add(() => stub.close());
    const jobs = ratePerS * seconds;
    const done = await generate(nest, { url: stub.url, via, load: { kind: 'rate', ratePerS }, jobs, processes });
    const arrivals = [...stub.seen].sort((a, b) => a.atMs - b.atMs);
    const [first, last] = [arrivals[0]!, arrivals.at(-1)!];
    const arrived = arrivals.reduce((sum, each) => sum + each.jobs, 0);
    // The jobs that came after the first request took from then to the last one.
    const perS = ((arrived - first.jobs) / (last.atMs - first.atMs)) * 1000;
    return {
      perS,
      errorPercent: Math.abs(perS / ratePerS - 1) * 100,
      lagP50Us: done.sendLag.percentile(50),
      lagP99Us: done.sendLag.percentile(99),
      lagMaxUs: done.sendLag.max,
      cpuUs: done.cpuUs,
      missing: jobs - arrived,
    };
  });
}

const sides: [name: string, pace: Pace][] = [
  ['20,000 jobs/s, one process', { via: 'batch', processes: 1, ratePerS: 20_000 }],
  ['100,000 jobs/s, one process', { via: 'batch', processes: 1, ratePerS: 100_000 }],
  ['100,000 jobs/s, two processes', { via: 'batch', processes: 2, ratePerS: 100_000 }],
  ['2,000 jobs/s, one a request', { via: 'api', processes: 1, ratePerS: 2000 }],
  ['5,000 jobs/s, one a request', { via: 'api', processes: 1, ratePerS: 5000 }],
];

export const pacing: BenchCase = {
  name: 'pacing',
  about:
    'open runs of 10 s to a stub that answers at once: what arrived against what was due, and how late it was sent',
  realFaktory: 'unused',
  columns: [
    { key: 'perS', title: 'jobs/s arrived', digits: 1 },
    { key: 'errorPercent', title: 'off the rate, %', digits: 4 },
    { key: 'lagP50Us', title: 'late p50, us', digits: 0 },
    { key: 'lagP99Us', title: 'late p99, us', digits: 0 },
    { key: 'lagMaxUs', title: 'late max, us', digits: 0 },
    { key: 'cpuUs', title: 'generator us/job', digits: 2 },
    { key: 'missing', title: 'missing', digits: 0 },
  ],
  figures: [
    {
      what: '20,000 jobs/s from one process, off the rate',
      value: readingOf(sides[0]![0], 'errorPercent'),
      digits: 4,
      unit: ' %',
      atMost: 0.1,
    },
    { what: 'jobs missing', value: readingOf(sides[0]![0], 'missing'), digits: 0, unit: '', atMost: 0 },
  ],
  async sides({ count }): Promise<Side[]> {
    const seconds = count(10, 2);
    return sides.map(([name, pace]) => ({ name, run: () => measure(pace, seconds) }));
  },
};
