// Plans and measurements that tests start from.

import { Histogram } from '@jobstorm/telemetry';
import type { Measured } from '../src/measured.ts';
import type { Measurements } from '../src/measurements.ts';
import type { RunPlan } from '../src/plan.ts';
import { emptyTotals } from '../src/submit.ts';

export function aPlan(changes: Partial<RunPlan> = {}): RunPlan {
  return {
    run: 'r1test',
    jobs: 1000,
    shape: { jobtype: 'add', serviceMs: 10, payloadBytes: 0, failShare: 0.5 },
    queue: 'jobstorm',
    queues: ['jobstorm'],
    retry: 1,
    reserveFor: 60,
    via: 'batch',
    ratePerS: null,
    load: { kind: 'closed' },
    mix: null,
    held: false,
    measured: 'both',
    ...changes,
  };
}

/** Ten steady seconds at 10,000 jobs/s on a cluster with CPU to spare. */
export function someMeasurements(changes: Partial<Measurements> = {}): Measurements {
  const share = (usedCores: number, capCores: number) => ({ usedCores, capCores });
  return {
    jobs: 100_000,
    completed: 100_000,
    activeS: 10,
    completePerS: 10_000,
    submitPerS: 10_000,
    ratePerS: null,
    via: 'batch',
    measured: 'both',
    depth: { max: 900, end: 0, slopePerS: 0, deepShare: 0, samples: 20 },
    slots: 2000,
    slotsBusyShare: 0.01,
    serviceMeanUs: 2,
    batchWaitP50Us: 100,
    submitP50Us: 10_000,
    cpu: { generator: share(0.2, 1), api: share(0.3, 1), server: share(0.4, 1), workers: share(0.5, 4) },
    local: false,
    machineCpus: 8,
    machineUsedCores: 1.5,
    workerCpus: 4,
    settings: { flags: [], ownWorker: true, ownApi: true, serverHost: null },
    ...changes,
  };
}

export function histogramOf(...values: number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** A complete local run of 1,000 jobs in half a second, measured in every way. */
export function someMeasured(changes: Partial<Measured> = {}): Measured {
  const startUs = 1_700_000_000_000_000;
  const usage = { coreSeconds: 0.1, usedCores: 0.2, rssBytes: 50_000_000 };
  return {
    joined: { jobs: 1000, pushes: 12 },
    plan: aPlan(),
    startedAtMs: startUs / 1000,
    command: 'jobstorm perf-test 1000',
    config: { jobs: 1000 },
    environment: { cpus: 2, cpuModel: 'a CPU', memoryBytes: 1, node: '20.19.0', os: 'Linux', server: 'server-node' },
    end: 'complete',
    totals: {
      ...emptyTotals(),
      submitted: 1000,
      accepted: 1000,
      firstSendUs: startUs,
      lastReplyUs: startUs + 100_000,
    },
    done: {
      completed: 1000,
      failed: 0,
      retried: 0,
      duplicated: 0,
      unexpected: 0,
      firstFetchUs: startUs + 1000,
      lastAckUs: startUs + 500_000,
      series: { bucketMs: 100, firstBucket: startUs / 100_000, counts: [200, 200, 200, 200, 200] },
    },
    phases: {
      endToEnd: histogramOf(1000, 2000, 3000),
      submit: histogramOf(500),
      accept: histogramOf(150),
      batchWait: histogramOf(100),
      push: histogramOf(200),
      queueWait: histogramOf(300),
      dispatch: histogramOf(10),
      service: histogramOf(5),
      ack: histogramOf(400),
    },
    depths: [
      { atS: 0, depth: 100 },
      { atS: 0.5, depth: 0 },
    ],
    slots: 2000,
    workerCpus: 2,
    settings: { flags: [], ownWorker: true, ownApi: true, serverHost: null },
    machineUsedCores: 1,
    parts: {
      generator: { usage, capCores: 1 },
      api: { usage, capCores: 1 },
      server: { usage, capCores: 1, oneThread: true },
      workers: { usage, capCores: 2 },
    },
    loopDelay: { p99Ms: 1, maxMs: 5 },
    workersAtStart: 2,
    workersLost: [],
    local: true,
    sameClock: true,
    thresholds: [],
    ...changes,
  };
}
