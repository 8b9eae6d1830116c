// One run on a cluster that is up: submits, follows, samples, and hands back what was measured.
//
//   readings ─▶ submit ┬▶ … until every job is answered for
//                      ├▶ follow: the control room's counts ─▶ the follower says when it is over
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
  Follower,
  failureIsFinal,
  type JobTexts,
  type Measured,
  makeJobTexts,
  type RunEnd,
  type RunPlan,
  type Sink,
  type SubmitTotals,
  singleSink,
  submit,
} from '@jobstorm/loadtest';
import { epochUs, Histogram } from '@jobstorm/telemetry';
import type { Cluster } from './cluster.ts';
import { watchMachine } from './machine.ts';
import type { ProgressLine } from './progress.ts';
import { DepthSampler } from './sampler.ts';
import { apiPhasesBetween, partsMeasured, type Readings, takeReadings } from './usage-readings.ts';

export interface RunOptions {
  plan: RunPlan;
  cluster: Cluster;
  token: string | null;
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
> & {
  view: RunView | null;
  /** Parts of the run's own that ended by themselves, in words. */
  brokenParts: string[];
  /** What the server held at the end; null: not known. */
  heldAtEnd: number | null;
};

const lookEveryMs = 50;
const pollEveryMs = 200;
const ownWorkerGraceMs = 1500;

function openSink({ plan, cluster, token, perRequest, texts = makeJobTexts(plan) }: RunOptions): Promise<Sink> | Sink {
  if (plan.via === 'direct') return directSink({ address: cluster.address, plan, texts });
  const o = {
    url: cluster.apiUrl!,
    token: cluster.api ? null : token,
    plan,
    texts,
    perRequest: perRequest ?? undefined,
  };
  return plan.via === 'api' ? singleSink(o) : batchSink(o);
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {}); // aborted: the caller looks
}

/** @throws JobstormError when the server can't be reached for --via direct */
export async function runPlan(o: RunOptions): Promise<RunOutcome> {
  const sink = await openSink(o);
  const before = await takeReadings(o.cluster);
  const machine = watchMachine();
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const sampler = new DepthSampler(o.cluster.client, o.plan.queue);
  const totals = emptyTotals();
  const latency = new Histogram();
  const stop = new AbortController();
  const submitted = submit(
    {
      jobs: o.plan.jobs,
      sink,
      pacer: o.plan.ratePerS === null ? closedPacer : constantPacer(o.plan.ratePerS),
      clockUs: epochUs,
      sleep,
      signal: stop.signal,
      latency,
    },
    totals,
  );
  const end = await follow(o, totals, submitted, sampler);
  stop.abort();
  const machineUsedCores = machine();
  const after = await takeReadings(o.cluster);
  loop.disable();
  await Promise.all([sink.close(), sampler.stop()]);
  await submitted;
  const view = await o.cluster.room.run(o.plan.run);
  return {
    ...outcome(o, before, after, view),
    end,
    totals,
    machineUsedCores,
    phases: { ...view?.phases, ...apiPhasesBetween(before, after), submit: latency },
    depths: sampler.samples,
    // The monitor counts its own 10 ms of waiting in.
    loopDelay: { p99Ms: Math.max(0, loop.percentile(99) / 1e6 - 10), maxMs: Math.max(0, loop.max / 1e6 - 10) },
    view,
    brokenParts: o.cluster.nest.unexpectedEnds(),
    heldAtEnd: sampler.latest?.all ?? null,
  };
}

function outcome(o: RunOptions, before: Readings, after: Readings, view: RunView | null) {
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
    parts: partsMeasured(o.cluster, before, after, o.serverName),
    workersAtStart: started.length,
    workersLost: lost.map(({ hello }) => `worker process ${hello.pid} on ${hello.host}`),
  };
}

/** Looks at the control room whenever it hears something, and often enough without, until the run is over. */
async function follow(o: RunOptions, totals: SubmitTotals, submitted: Promise<unknown>, sampler: DepthSampler) {
  const { cluster, plan, progress } = o;
  let allSent = false;
  let wake = () => {};
  const nudge = () => wake();
  void submitted.then(() => {
    allSent = true;
    nudge();
  });
  const unsubscribe = cluster.room.subscribe(nudge);
  o.interrupt.addEventListener('abort', nudge);
  const follower = new Follower({
    patienceMs: o.patienceMs,
    failureIsFinal: failureIsFinal(plan),
    workerGraceMs: cluster.worker ? ownWorkerGraceMs : Number.POSITIVE_INFINITY,
  });
  let polledAtMs = performance.now();
  let end: RunEnd | null = null;
  while (end === null) {
    const counts = (await cluster.room.runs()).find(({ run }) => run === plan.run);
    const nowMs = performance.now();
    const completed = counts?.completed ?? 0;
    const failed = counts?.failed ?? 0;
    end = follower.observe(
      {
        submitted: allSent,
        accepted: totals.accepted,
        completed,
        failed,
        retried: counts?.retried ?? 0,
        held: sampler.latest?.all ?? null,
        workers: cluster.worker?.unexpectedEnd ? (await cluster.room.workers()).length : null,
        interrupted: o.interrupt.aborted,
      },
      nowMs,
    );
    if (end !== null) break;
    const ended = completed + (failureIsFinal(plan) ? failed : 0);
    const { submitted: sent, waitingFor } = totals;
    progress.update(
      { jobs: plan.jobs, submitted: sent, ended, depth: sampler.latest?.depth ?? null, waitingFor },
      nowMs,
    );
    if (allSent && nowMs - polledAtMs >= pollEveryMs) {
      polledAtMs = nowMs;
      void cluster.room.poll();
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lookEveryMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  unsubscribe();
  o.interrupt.removeEventListener('abort', nudge);
  progress.clear();
  return end;
}
