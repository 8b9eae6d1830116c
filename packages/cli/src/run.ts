// One run on a cluster that is up: submits, follows, samples, and hands back what was measured.
//
//   readings ─▶ submit ┬▶ … until every job is answered for ─▶ (held workers: readings, and they start)
//                      ├▶ follow.ts: the control room's counts, until it is over
//                      └▶ depth samples, live line
//   ─▶ readings ─▶ Measured

import type { RunView } from '@jobstorm/dashboard';
import type { JobTexts, Measured, RunPlan, SubmitTotals, Tide, Timeline } from '@jobstorm/loadtest';
import type { Cluster } from './cluster.ts';
import { measureContainers } from './container-measures.ts';
import { ContainerWatch } from './container-watch.ts';
import { follow } from './follow.ts';
import { type GateWatch, watchGate } from './gate-watch.ts';
import { type GeneratorPool, openGenerators } from './generator-pool.ts';
import { serverSeen } from './host-server.ts';
import { type HostUse, HostWatch, serverInside } from './host-watch.ts';
import { type LiveSettings, LiveVerdict } from './live-verdict.ts';
import { type LoopDelay, watchLoop } from './loop-watch.ts';
import { watchMachine } from './machine.ts';
import { type ContainersMeasured, partsMeasured } from './parts-measured.ts';
import type { ProgressLine } from './progress.ts';
import { Recorder, type RecorderOptions, type RunListener } from './recorder.ts';
import { DepthSampler } from './sampler.ts';
import { openSubmission, type Submission } from './submission.ts';
import { isThisHost } from './this-host.ts';
import { apiPhasesBetween, clockAheadMs, joinedBetween, type Readings, takeReadings } from './usage-readings.ts';

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
  /** Processes that send the jobs; 1 or not set: this one. */
  generators?: number;
  /** Hears what happens while it happens. */
  listener?: RunListener;
  /** What is said of it while it goes needs these. */
  live?: LiveSettings;
  /** Aborted when what was measured will do: a backlog is kept no longer, and the run comes to its end like any other. */
  enough?: AbortSignal;
}

/** What the run itself yields; the command adds who asked for it. */
export type RunOutcome = Pick<
  Measured,
  | 'plan'
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
  | 'network'
  | 'serverInside'
  | 'roomAnswerMs'
  | 'joined'
> & {
  view: RunView | null;
  timeline: Timeline;
  /** Parts of the run's own that ended by themselves, in words. */
  brokenParts: string[];
  /** What the server held at the end; null: not known. */
  heldAtEnd: number | null;
  /** Of a run in tides, and of one whose workers were held back. */
  tides: readonly Tide[];
};

/** @throws JobstormError when the server can't be reached for --via direct, or the control room is away at the start or the end */
export async function runPlan(o: RunOptions): Promise<RunOutcome> {
  const ends: (() => unknown)[] = [];
  try {
    return await runAndMeasure(o, ends);
  } finally {
    await Promise.allSettled(ends.map((end) => end()));
  }
}

/** The readings that a run's figures lie between. */
interface Span {
  before: Readings;
  after: Readings;
}

/** Starts the workers that were held back, once all jobs are queued; the readings of that moment. null: the run was over before. */
async function releaseWorkers(
  o: RunOptions,
  submitted: Promise<void>,
  end: Promise<unknown>,
): Promise<{ queued: Readings; released: Readings } | null> {
  const over = await Promise.race([submitted.then(() => false), end.then(() => true)]);
  if (over) return null;
  const queued = await takeReadings(o.cluster);
  await o.cluster.release();
  return { queued, released: await takeReadings(o.cluster) };
}

/** What a run's figures lie between, by what of it is measured. */
function spanOf(plan: RunPlan, { before, after }: Span, held: Awaited<ReturnType<typeof releaseWorkers>>): Span {
  if (!held) return { before, after };
  if (plan.measured === 'enqueue') return { before, after: held.queued };
  if (plan.measured === 'process') return { before: held.released, after };
  return { before: { ...before, workers: held.released.workers, supervisor: held.released.supervisor }, after };
}

async function submitAndFollow(o: RunOptions, submission: Submission, sampler: DepthSampler, gates: GateWatch) {
  const stop = new AbortController();
  const submitted = submission.start(stop.signal);
  const signal = AbortSignal.any([o.interrupt, stop.signal]);
  const { totals } = submission;
  const end = follow({ ...o, interrupt: signal, look: gates.look }, totals, submitted, sampler);
  try {
    const held = o.plan.held ? await releaseWorkers(o, submitted, end) : null;
    return { end: await end, held, submitted };
  } finally {
    stop.abort();
    await Promise.allSettled([end, gates.stop()]);
  }
}

function startRecorder(
  { cluster, plan, listener, live }: RunOptions,
  known: Pick<RecorderOptions, 'before' | 'startMs'>,
  sampler: DepthSampler,
  { totals, phases: { submit } }: Submission,
  host: HostWatch,
): Recorder {
  const depths = sampler.samples;
  const judge = live && { live: new LiveVerdict({ ...live, cluster, plan, host, totals, submit, depths }) };
  return new Recorder({
    cluster,
    run: plan.run,
    totals,
    sampler,
    ...known,
    ...judge,
    ...(listener ? { listener } : {}),
  });
}

/** Sends from this process, or from several where that is asked for. */
async function openFor(o: RunOptions, { gate }: GateWatch): Promise<Submission & Partial<GeneratorPool>> {
  const options = { ...o.cluster, ...o, ...(gate ? { gate } : {}) };
  const { generators = 1 } = o;
  if (generators <= 1) return openSubmission(options);
  const pool = await openGenerators(options, generators, o.cluster.nest);
  o.cluster.generators = pool.parts;
  return pool;
}

/** What is to be ended whatever happens is put into `ends`. */
async function runAndMeasure(o: RunOptions, ends: (() => unknown)[]): Promise<RunOutcome> {
  const { room } = o.cluster;
  // The same run may have been made before.
  if (o.plan.held) await o.cluster.hold();
  const sampler = new DepthSampler(o.cluster.client, o.plan.queues);
  ends.push(() => sampler.stop());
  const gates = watchGate(o.plan, o.cluster.client, sampler, o.enough);
  ends.push(() => gates.stop());
  const submission = await openFor(o, gates);
  ends.push(() => submission.close());
  const containers = await ContainerWatch.start({ hosts: () => room.hosts() });
  ends.push(() => containers.close());
  const before = await takeReadings(o.cluster);
  const startMs = performance.now();
  const machine = watchMachine();
  const host = new HostWatch(
    o.cluster.server === null && isThisHost(o.cluster.address.host) ? o.cluster.address.port : null,
  );
  ends.push(() => host.stop());
  const loop = watchLoop();
  const recorder = startRecorder(o, { before, startMs }, sampler, submission, host);
  ends.push(loop, () => recorder.stop());
  const { end, held, submitted } = await submitAndFollow(o, submission, sampler, gates);
  const machineUsedCores = machine();
  const hostUse = host.since(host.first);
  const runS = (performance.now() - startMs) / 1000;
  const after = await takeReadings(o.cluster);
  const span = spanOf(o.plan, { before, after }, held);
  const ownLoop = loop();
  const timeline = await recorder.finish(after);
  await Promise.all([submission.close(), sampler.stop()]);
  await submitted;
  const { apiHost } = before;
  const isOff = () => o.interrupt.aborted;
  const measured = await measureContainers({ cluster: o.cluster, watch: containers, apiHost, runS, isOff });
  const view = await room.run(o.plan.run);
  const { totals } = submission;
  const plan = planAsRun(o.plan, totals.submitted);
  return {
    ...outcome({ ...o, plan }, span, held?.released ?? before, measured, view, hostUse),
    plan,
    end,
    totals,
    machineUsedCores,
    phases: { ...view?.phases, ...apiPhasesBetween(span.before, span.after), ...submission.phases },
    depths: sampler.samples,
    loopDelay: worseOf(ownLoop, submission.loopDelay?.() ?? null),
    view,
    timeline,
    brokenParts: o.cluster.nest.unexpectedEnds(),
    heldAtEnd: sampler.latest?.all ?? null,
    tides: plan.held ? heldTide(plan, totals, view, sampler) : gates.tides,
  };
}

/** Of this process and of those that sent for it. */
function worseOf(own: LoopDelay, others: LoopDelay | null): LoopDelay {
  if (others === null) return own;
  return { p99Ms: Math.max(own.p99Ms, others.p99Ms), maxMs: Math.max(own.maxMs, others.maxMs) };
}

/** A run that goes on for a while has the jobs that it came to. */
function planAsRun(plan: RunPlan, submitted: number): RunPlan {
  return plan.load.kind === 'backlog' ? { ...plan, jobs: submitted } : plan;
}

/** A run whose workers were held back is one tide; draining begins with the first FETCH. */
function heldTide(plan: RunPlan, totals: SubmitTotals, view: RunView | null, sampler: DepthSampler): Tide[] {
  const { firstSendUs, lastReplyUs } = totals;
  const depth = sampler.samples.reduce((most, sample) => Math.max(most, sample.depth), 0);
  const builtUs = Math.max(lastReplyUs, view?.firstFetchUs ?? 0);
  return [{ jobs: plan.jobs, firstSendUs, builtUs, depth, drainedUs: view?.lastAckUs ?? null }];
}

/** @param first when the run's workers were there for the first time */
function outcome(
  o: RunOptions,
  { before, after }: Span,
  first: Readings,
  containers: ContainersMeasured,
  view: RunView | null,
  host: HostUse,
) {
  const parts = partsMeasured(o.cluster, before, after, containers, o.serverName);
  const started = [...first.workers.values()].map(({ view: worker }) => worker);
  const lost = o.plan.measured === 'enqueue' ? [] : started.filter(({ id }) => !after.workers.has(id));
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
    parts: { ...parts, server: serverSeen(host.server, parts.server) },
    network: host.network,
    serverInside: serverInside(host),
    joined: joinedBetween(before, after),
    workersAtStart: started.length,
    clockAheadMs: clockAheadMs(o.cluster, [before, after]),
    roomAnswerMs: Math.max(before.roomAnswerMs, after.roomAnswerMs),
    workersLost: lost.map(({ hello }) => `worker process ${hello.pid} on ${hello.host}`),
  };
}
