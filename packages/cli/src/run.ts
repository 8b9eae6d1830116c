// One run on a cluster that is up: submits, follows, samples, and hands back what was measured.
//
//   readings ─▶ submit ┬▶ … until every job is answered for
//                      ├▶ follow.ts: the control room's counts, until it is over
//                      └▶ depth samples, live line
//   ─▶ readings ─▶ Measured

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunView } from '@jobstorm/dashboard';
import {
  batchSink,
  closedPacer,
  constantPacer,
  directSink,
  emptyTotals,
  type JobTexts,
  type Measured,
  makeJobTexts,
  type RunPlan,
  type Sink,
  type SubmitTotals,
  singleSink,
  submit,
  type Timeline,
} from '@jobstorm/loadtest';
import { epochUs, Histogram } from '@jobstorm/telemetry';
import type { Cluster } from './cluster.ts';
import { measureContainers } from './container-measures.ts';
import { ContainerWatch } from './container-watch.ts';
import { follow } from './follow.ts';
import { watchMachine } from './machine.ts';
import { type ContainersMeasured, partsMeasured } from './parts-measured.ts';
import type { ProgressLine } from './progress.ts';
import { Recorder, type RecorderOptions, type RunListener } from './recorder.ts';
import { DepthSampler } from './sampler.ts';
import { apiPhasesBetween, clockAheadMs, type Readings, takeReadings } from './usage-readings.ts';

export interface RunOptions {
  plan: RunPlan;
  cluster: Cluster;
  patienceMs: number;
  /** Jobs in one POST /jobs/batch; null: as the sink sees fit. */
  perRequest: number | null;
  /** Other jobs than the plan's shape makes. */
  texts?: JobTexts;
  /** Aborted by ctrl-C. */
  interrupt: AbortSignal;
  progress: ProgressLine;
  /** tcp://host:port, for sentences. */
  serverName: string;
  /** Hears what happens while it happens. */
  listener?: RunListener;
}

/** What the run itself yields; the command adds who asked for it. */
export type RunOutcome = Pick<
  Measured,
  | 'end'
  | 'totals'
  | 'done'
  | 'phases'
  | 'depths'
  | 'slots'
  | 'machineUsedCores'
  | 'parts'
  | 'loopDelay'
  | 'workersAtStart'
  | 'workersLost'
  | 'clockAheadMs'
  | 'roomAnswerMs'
> & {
  view: RunView | null;
  timeline: Timeline;
  /** Parts of the run's own that ended by themselves, in words. */
  brokenParts: string[];
  /** What the server held at the end; null: not known. */
  heldAtEnd: number | null;
};

function openSink({ plan, cluster, perRequest, texts = makeJobTexts(plan) }: RunOptions): Promise<Sink> | Sink {
  if (plan.via === 'direct') return directSink({ address: cluster.address, plan, texts });
  const o = {
    url: cluster.apiUrl!,
    token: cluster.bearer,
    plan,
    texts,
    perRequest: perRequest ?? undefined,
  };
  return plan.via === 'api' ? singleSink(o) : batchSink(o);
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {}); // aborted: the caller looks
}

/** @throws JobstormError when the server can't be reached for --via direct, or the control room is away at the start or the end */
export async function runPlan(o: RunOptions): Promise<RunOutcome> {
  const ends: (() => unknown)[] = [];
  try {
    return await runAndMeasure(o, ends);
  } finally {
    await Promise.allSettled(ends.map((end) => end()));
  }
}

function startSubmit(o: RunOptions, sink: Sink, totals: SubmitTotals, latency: Histogram, signal: AbortSignal) {
  const pacer = o.plan.ratePerS === null ? closedPacer : constantPacer(o.plan.ratePerS);
  return submit({ jobs: o.plan.jobs, sink, pacer, clockUs: epochUs, sleep, signal, latency }, totals);
}

function startRecorder(
  { cluster, plan, listener }: RunOptions,
  known: Pick<RecorderOptions, 'totals' | 'sampler' | 'before' | 'startMs'>,
): Recorder {
  return new Recorder({ cluster, run: plan.run, ...known, ...(listener ? { listener } : {}) });
}

/** What is to be ended whatever happens is put into `ends`. */
async function runAndMeasure(o: RunOptions, ends: (() => unknown)[]): Promise<RunOutcome> {
  const { room } = o.cluster;
  const sink = await openSink(o);
  ends.push(() => sink.close());
  const containers = await ContainerWatch.start({ hosts: () => room.hosts() });
  ends.push(() => containers.close());
  const before = await takeReadings(o.cluster);
  const startMs = performance.now();
  const machine = watchMachine();
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const sampler = new DepthSampler(o.cluster.client, o.plan.queue);
  const stop = new AbortController();
  ends.push(
    () => loop.disable(),
    () => sampler.stop(),
    () => stop.abort(),
  );
  const totals = emptyTotals();
  const recorder = startRecorder(o, { totals, sampler, before, startMs });
  ends.push(() => recorder.stop());
  const latency = new Histogram();
  const submitted = startSubmit(o, sink, totals, latency, stop.signal);
  const end = await follow(o, totals, submitted, sampler);
  stop.abort();
  const machineUsedCores = machine();
  const runS = (performance.now() - startMs) / 1000;
  const after = await takeReadings(o.cluster);
  loop.disable();
  const timeline = await recorder.finish(after);
  await Promise.all([sink.close(), sampler.stop()]);
  await submitted;
  const { apiHost } = before;
  const isOff = () => o.interrupt.aborted;
  const measured = await measureContainers({ cluster: o.cluster, watch: containers, apiHost, runS, isOff });
  const view = await room.run(o.plan.run);
  return {
    ...outcome(o, before, after, measured, view),
    end,
    totals,
    machineUsedCores,
    phases: { ...view?.phases, ...apiPhasesBetween(before, after), submit: latency },
    depths: sampler.samples,
    // The monitor counts its own 10 ms of waiting in.
    loopDelay: { p99Ms: Math.max(0, loop.percentile(99) / 1e6 - 10), maxMs: Math.max(0, loop.max / 1e6 - 10) },
    view,
    timeline,
    brokenParts: o.cluster.nest.unexpectedEnds(),
    heldAtEnd: sampler.latest?.all ?? null,
  };
}

function outcome(
  o: RunOptions,
  before: Readings,
  after: Readings,
  containers: ContainersMeasured,
  view: RunView | null,
) {
  const started = [...before.workers.values()].map(({ view: worker }) => worker);
  const lost = started.filter(({ id }) => !after.workers.has(id));
  return {
    done: {
      completed: view?.completed ?? 0,
      failed: view?.failed ?? 0,
      retried: view?.retried ?? 0,
      duplicated: view?.duplicated ?? 0,
      unexpected: (view?.unexpected ?? 0) + (view?.countFrom(o.plan.jobs) ?? 0),
      firstFetchUs: view?.firstFetchUs ?? null,
      lastAckUs: view?.lastAckUs ?? null,
      series: view?.series ?? null,
    },
    slots: started.length === 0 ? null : started.reduce((sum, { state }) => sum + state.slots.total, 0),
    parts: partsMeasured(o.cluster, before, after, containers, o.serverName),
    workersAtStart: started.length,
    clockAheadMs: clockAheadMs(o.cluster, [before, after]),
    roomAnswerMs: Math.max(before.roomAnswerMs, after.roomAnswerMs),
    workersLost: lost.map(({ hello }) => `worker process ${hello.pid} on ${hello.host}`),
  };
}
