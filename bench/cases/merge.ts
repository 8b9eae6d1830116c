// What it costs to merge what 64 worker processes say of one run: their histograms into one, as the control room does it twice a second.
// Each has done 20,000 jobs with times around a millisecond, one in a hundred ten times as long. Then each does 800 more of the same, as
// at 100,000 jobs/s together, and says what changed. All that they did so far is told once, when they connect.

import { ControlRoom } from '@jobstorm/dashboard';
import {
  epochUs,
  Histogram,
  Ledger,
  makeHello,
  RateCounter,
  type RunTally,
  type WorkerSnapshot,
} from '@jobstorm/telemetry';
import { type BenchCase, readingOf, type Side } from '../case.ts';

const workers = 64;
const jobsEach = 20_000;
/** In half a second. */
const moreEach = 800;
const run = 'bench';
const side = '64 workers';
const phaseNames = ['queueWait', 'dispatch', 'service', 'ack', 'endToEnd'] as const;

/** From 0 to 1. */
function noise(at: number): number {
  const x = Math.sin(at * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

const normal = (at: number): number =>
  Math.sqrt(-2 * Math.log(1 - noise(at))) * Math.cos(2 * Math.PI * noise(at + 0.5));

/** Log-normal times: p50 1 ms, p99 10 ms; by a rule rather than by chance. */
function record(times: Histogram, seed: number, from: number, jobs: number): void {
  for (let job = from; job < from + jobs; job++) times.record(1000 * Math.exp(normal(job + seed * 1_000_000)));
}

function histogram(seed: number): Histogram {
  const times = new Histogram();
  record(times, seed, 0, jobsEach);
  return times;
}

function tallyOf(worker: number): RunTally {
  const ledger = new Ledger();
  const series = new RateCounter();
  const nowUs = epochUs();
  for (let job = 0; job < jobsEach; job++) {
    ledger.mark(job * workers + worker);
    series.add(nowUs + job * 500);
  }
  const phases = Object.fromEntries(phaseNames.map((name, at) => [name, histogram(worker * 8 + at).toJSON()]));
  const counts = { completed: jobsEach, failed: 0, retried: 0, duplicated: 0, firstFetchUs: nowUs, lastAckUs: nowUs };
  return { run, ...counts, phases, series: series.toJSON(), pages: ledger.changedPages() };
}

function snapshotOf(worker: number): WorkerSnapshot {
  return {
    type: 'worker',
    sentAtUs: epochUs(),
    state: 'running',
    connected: true,
    slots: { total: 100, running: 50 },
    connections: 4,
    totals: { fetched: jobsEach, completed: jobsEach, failed: 0 },
    usage: { cpuUs: 1, rssBytes: 1, loopDelayP99Us: null },
    runs: [tallyOf(worker)],
  };
}

/** What each says that many half seconds later: what changed since the one before. */
function later({ runs: [tally], ...rest }: WorkerSnapshot, worker: number, many: number): WorkerSnapshot[] {
  const all = Object.entries(tally!.phases).map(([name, data], at) => {
    return { name, seed: worker * 8 + at, now: Histogram.fromJSON(data), told: Histogram.fromJSON(data) };
  });
  return Array.from({ length: many }, (_, step) => {
    const phases = all.map(({ name, seed, now, told }) => {
      record(now, seed, jobsEach + step * moreEach, moreEach);
      return [name, now.changesSince(told)] as const;
    });
    const lastAckUs = tally!.lastAckUs + step + 1;
    return { ...rest, runs: [{ ...tally!, lastAckUs, phases: Object.fromEntries(phases), pages: [] }] };
  });
}

const medianOf = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

function timedMs(call: () => unknown): number {
  const startMs = performance.now();
  call();
  return performance.now() - startMs;
}

export const merge: BenchCase = {
  name: 'merge',
  about: '64 snapshots of worker processes, five histograms of one run in each, merged in the control room',
  realFaktory: 'unused',
  columns: [
    { key: 'mergeMs', title: 'all 64 ms', digits: 2 },
    { key: 'pulseMs', title: 'asked ms', digits: 3 },
    { key: 'wholeMs', title: 'all of it, once, ms', digits: 2 },
    { key: 'buckets', title: 'buckets a snapshot', digits: 0 },
  ],
  figures: [
    { what: '64 snapshots merged', value: readingOf(side, 'mergeMs'), digits: 2, unit: ' ms', atMost: 5 },
    { what: 'and the run’s latencies asked for', value: readingOf(side, 'pulseMs'), digits: 3, unit: ' ms' },
    { what: '64 snapshots with all that was done so far', value: readingOf(side, 'wholeMs'), digits: 2, unit: ' ms' },
  ],
  async sides({ count }): Promise<Side[]> {
    const first = Array.from({ length: workers }, (_, worker) => snapshotOf(worker));
    // As text: each is read right before it is merged, as when it comes over the network, and reading it is not counted.
    const steps = count(20, 4);
    const byWorker = first.map((snapshot, worker) =>
      later(snapshot, worker, steps).map((each) => JSON.stringify(each)),
    );
    const texts = Array.from({ length: steps }, (_, at) => byWorker.map((own) => own[at]!));
    const whole = first.map((snapshot) => JSON.stringify(snapshot));
    const bucketsOf = ({ runs }: WorkerSnapshot) =>
      Object.values(runs[0]!.phases).reduce((sum, data) => sum + data.buckets.length / 2, 0);
    const buckets = bucketsOf(JSON.parse(texts[0]![0]!) as WorkerSnapshot);
    const measure = async () => {
      const room = new ControlRoom();
      for (const at of first.keys()) {
        const own = { part: 'worker' as const, id: `w${at}`, host: 'here', version: '1', capCores: 1, group: `g${at}` };
        room.accept(makeHello(own));
      }
      let wholeMs = 0;
      for (const [at, text] of whole.entries()) {
        const snapshot = JSON.parse(text) as WorkerSnapshot;
        wholeMs += timedMs(() => room.update(`w${at}`, snapshot));
      }
      const [mergeMs, pulseMs] = [[] as number[], [] as number[]];
      for (const round of texts) {
        let sumMs = 0;
        for (const [at, text] of round.entries()) {
          const snapshot = JSON.parse(text) as WorkerSnapshot;
          sumMs += timedMs(() => room.update(`w${at}`, snapshot));
        }
        mergeMs.push(sumMs);
        pulseMs.push(timedMs(() => [room.summary(run), room.pulse(run)]));
      }
      return { mergeMs: medianOf(mergeMs), pulseMs: medianOf(pulseMs), wholeMs, buckets };
    };
    return [{ name: side, run: measure }];
  },
};
