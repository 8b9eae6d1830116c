// What the way to the server takes, and how many slots hide it. A slot is taken from the FETCH on that will fill it, so
//
//   slots = rate * (service time + round trip)
//
// is what a rate needs. 10,000 jobs/s of 100 ms each are offered: 1,000 slots are just enough on a wire of no length, 6,000 on any
// of these. The proxy that adds the round trip runs in this process, beside the one who offers.

import { setTimeout as sleep } from 'node:timers/promises';
import { FaultProxy } from '@jobstorm/testkit';
import { serverCounts } from '../backlog.ts';
import { type BenchCase, type Figure, ratioOf, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { offer } from '../offer.ts';
import { cpuUs } from '../proc.ts';

const offeredPerS = 10_000;
const serviceMs = 100;
const roundTripsMs = [0, 1, 5, 20];
const shape = { jobtype: 'sleep', args: `[${serviceMs}]`, counted: true };

const nameOf = (slots: number, roundTripMs: number) => `${slots} slots, ${roundTripMs} ms`;

function measure(slots: number, roundTripMs: number, windowMs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node');
    const proxy = await FaultProxy.start(server);
    nest.add(() => proxy.close());
    proxy.roundTripMs = roundTripMs;
    const worker = await nest.part('worker', String(slots), '1', '--url', proxy.url);
    const [pushes, asks] = [await nest.connection(server), await nest.connection(server)];
    const load = offer(pushes, shape, offeredPerS);
    await sleep(windowMs / 2);
    const look = async () => ({
      ...(await serverCounts(asks)),
      atMs: performance.now(),
      pushed: load.pushed,
      workerUs: cpuUs(worker.pids),
    });
    const first = await look();
    await sleep(windowMs);
    const last = await look();
    await load.stop();
    const done = last.processed - first.processed;
    const perS = (done / (last.atMs - first.atMs)) * 1000;
    return {
      offeredPerS: ((last.pushed - first.pushed) / (last.atMs - first.atMs)) * 1000,
      jobsPerS: perS,
      bound: Math.min(offeredPerS, (slots / (serviceMs + roundTripMs)) * 1000),
      needed: (perS * (serviceMs + roundTripMs)) / 1000,
      workerUs: (last.workerUs - first.workerUs) / done,
    };
  });
}

const kept = (roundTripMs: number): Figure => ({
  what: `6,000 slots, rate kept with ${roundTripMs} ms more`,
  value: ratioOf(nameOf(6000, roundTripMs), nameOf(6000, 0), 'jobsPerS'),
  digits: 3,
  unit: 'x',
  atLeast: 0.9,
});

const columns: BenchCase['columns'] = [
  { key: 'offeredPerS', title: 'offered/s', digits: 0 },
  { key: 'jobsPerS', title: 'completed/s', digits: 0 },
  { key: 'bound', title: 'slots / (service + trip), at most offered', digits: 0 },
  { key: 'needed', title: 'rate x (service + trip)', digits: 0 },
  { key: 'workerUs', title: 'worker us/job', digits: 1 },
];

function sidesOf(slotCounts: readonly number[], windowMs: number): Side[] {
  return slotCounts.flatMap((slots) =>
    roundTripsMs.map((roundTripMs) => ({
      name: nameOf(slots, roundTripMs),
      run: () => measure(slots, roundTripMs, windowMs),
    })),
  );
}

export const latency: BenchCase = {
  name: 'latency',
  about:
    'server-node behind a proxy that adds a round trip, 10,000 jobs/s of 100 ms offered to 6,000 slots: the rate that is kept',
  realFaktory: 'unused',
  columns,
  figures: [
    // Where this is not kept up with, the machine is what is measured, and what is kept of it says nothing.
    {
      what: '6,000 slots, no round trip added',
      value: readingOf(nameOf(6000, 0), 'jobsPerS'),
      digits: 0,
      unit: ' jobs/s',
      atLeast: 0.95 * offeredPerS,
    },
    ...roundTripsMs.slice(1).map(kept),
  ],
  sides: async ({ count }) => sidesOf([6000], count(2000, 1000)),
};

export const latencyChart: BenchCase = {
  name: 'latency-chart',
  about: 'the same with few slots and many: slots against rate, beside slots / (service + round trip)',
  realFaktory: 'unused',
  mostRounds: 3,
  columns,
  figures: [],
  chart: {
    key: 'jobsPerS',
    title: 'Jobs of 100 ms completed a second, 10,000 offered',
    curves: {
      placeOf: (side) => {
        const [slots = '', trip = ''] = side.split(' slots, ');
        return { curve: `${trip} more`, x: Number(slots) };
      },
      formulaKey: 'bound',
      formula: 'slots / (service + round trip)',
      xTitle: 'slots',
      yTitle: 'jobs completed a second',
    },
  },
  sides: async ({ count }) => sidesOf([300, 600, 900, 1050, 1200, 2000], count(2000, 1000)),
};
