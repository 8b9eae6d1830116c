// Watches a run twice a second: every part's own account, the run's counts and latencies, the queue's depth. Hands each reading to
// the timeline, and each stretch to whoever listens.
//
//   tick ─▶ poll the parts ─▶ readings + pulse ─▶ Timeline.add ─▶ onSample        one at a time; a tick that finds one is left out
//
// Invariant: it never ends a run. A control room that is away makes no sample; the next one covers the gap.

import type { RunPulse } from '@jobstorm/dashboard';
import {
  type CpuPart,
  cpuParts,
  type PartMeasured,
  type SubmitTotals,
  Timeline,
  type TimelineMark,
  type TimelinePart,
  type TimelineParts,
  type TimelineSample,
  type Verdict,
} from '@jobstorm/loadtest';
import { epochUsAt, Histogram } from '@jobstorm/telemetry';
import type { Cluster } from './cluster.ts';
import { sumHandles } from './handles.ts';
import { networkRate, readNetDev } from './host-network.ts';
import type { LiveVerdict } from './live-verdict.ts';
import { type ContainersMeasured, partsMeasured } from './parts-measured.ts';
import { findRunContainers, type SeenContainer } from './run-containers.ts';
import type { DepthSampler } from './sampler.ts';
import { settingChanges } from './setting-changes.ts';
import { type Readings, takeReadings } from './usage-readings.ts';

const everyMs = 500;

/** Who hears of a run while it goes. */
export interface RunListener {
  /** The run begins; what is recorded of it will be in there. */
  onStart?(timeline: Timeline): void;
  onSample?(sample: TimelineSample): void;
  onMark?(mark: TimelineMark): void;
  /** What limits it at the moment; only asked for where this is there. */
  onVerdict?(verdict: Verdict): void;
  /** A worker process that worked is not there any more. */
  onWorkerLost?(): void;
  /** The cluster is another one than when the run began, in words: a setting, or a worker process that came. */
  onChanged?(what: string): void;
}

export interface RecorderOptions {
  cluster: Cluster;
  run: string;
  totals: SubmitTotals;
  sampler: Pick<DepthSampler, 'latest'>;
  /** Taken when the run began. */
  before: Readings;
  /** The same moment, as performance.now() tells it. */
  startMs: number;
  listener?: RunListener;
  /** Says what limits it. */
  live?: LiveVerdict;
}

function seenUse(seen: SeenContainer | null) {
  if (!seen || seen.container.usedCores === null) return null;
  const { usedCores, throttledShare, memoryBytes } = seen.container;
  return { seen, use: { usage: { coreSeconds: 0, usedCores, rssBytes: memoryBytes }, throttledShare } };
}

/** The run's containers at this moment, as far as the control room sees them. */
async function containersNow(cluster: Cluster, apiHost: string | null): Promise<ContainersMeasured> {
  const whyNoServer = 'no container of it is seen';
  if (!cluster.seesServer) return { hosts: [], server: null, whyNoServer, api: null };
  const hosts = await cluster.room.hosts();
  const { server, api } = findRunContainers(hosts, { project: cluster.serverProject, apiHost });
  return { hosts, server: seenUse(server), whyNoServer, api: seenUse(api) };
}

/** Processes of this run's own, by part; for the others it can't be told from here. */
function handlesOf(cluster: Cluster, now: Readings): Record<CpuPart, number | null> {
  const workers = cluster.worker
    ? [cluster.worker.pid, ...[...now.workers.values()].map(({ view }) => view.hello.pid)]
    : [];
  return {
    generator: sumHandles([process.pid]),
    api: cluster.api && sumHandles([cluster.api.pid]),
    server: cluster.server && sumHandles([cluster.server.pid]),
    workers: sumHandles(workers),
  };
}

function partAt({ usage, capCores, throttledShare }: PartMeasured, handles: number | null): TimelinePart | null {
  if (!usage) return null;
  const { usedCores, rssBytes } = usage;
  return { usedCores, capCores, throttledShare: throttledShare ?? null, rssBytes, handles };
}

export class Recorder {
  readonly timeline = new Timeline();
  readonly #o: RecorderOptions;
  readonly #timer: NodeJS.Timeout;
  #previous: Readings;
  #net = { atS: 0, reading: readNetDev() };
  #taking: Promise<void> | null = null;
  #stopped = false;

  /** Starts to watch. */
  constructor(options: RecorderOptions) {
    this.#o = options;
    this.#previous = options.before;
    this.timeline.startedAtMs = epochUsAt(options.startMs) / 1000;
    options.listener?.onStart?.(this.timeline);
    this.#timer = setInterval(() => void this.look(), everyMs);
  }

  /** Takes a reading now, unless one is being taken. Never rejects. */
  look(): Promise<void> {
    this.#taking ??= this.#look()
      .catch(() => {}) // the control room is away: what it counted comes with a later reading
      .finally(() => {
        this.#taking = null;
      });
    return this.#taking;
  }

  async #look(readings?: Readings): Promise<void> {
    const { cluster, run, before } = this.#o;
    const now = readings ?? (await takeReadings(cluster));
    const [pulse, containers] = await Promise.all([
      cluster.room.pulse(run),
      containersNow(cluster, now.apiHost ?? before.apiHost),
    ]);
    if (!this.#stopped) this.#add(now, pulse, containers);
  }

  #add(now: Readings, pulse: RunPulse | null, containers: ContainersMeasured): void {
    const { cluster, totals, sampler, startMs, listener } = this.#o;
    const atS = (performance.now() - startMs) / 1000;
    this.#markWorkers(now, atS);
    for (const change of settingChanges(this.#previous, now)) this.#changed(change, atS);
    const measured = partsMeasured(cluster, this.#previous, now, containers, 'the server');
    const handles = handlesOf(cluster, now);
    const workers = [...now.workers.values()].map(({ view }) => view.state.slots);
    this.#previous = now;
    const net = { atS, reading: readNetDev() };
    const network = networkRate(this.#net.reading, net.reading, atS - this.#net.atS);
    this.#net = net;
    const sample = this.timeline.add({
      atS,
      counts: {
        submitted: totals.submitted,
        accepted: totals.accepted,
        refused: [...totals.refused.values()].reduce((sum, count) => sum + count, 0),
        uncertain: totals.uncertain,
        completed: pulse?.completed ?? 0,
        failed: pulse?.failed ?? 0,
        retried: pulse?.retried ?? 0,
        duplicated: pulse?.duplicated ?? 0,
      },
      latency: pulse?.endToEnd ? Histogram.fromJSON(pulse.endToEnd) : null,
      queueDepth: sampler.latest?.depth ?? null,
      oldestJobS: sampler.latest?.oldestJobS ?? null,
      network,
      slots: workers.length === 0 ? null : sumSlots(workers),
      parts: Object.fromEntries(cpuParts.map((part) => [part, partAt(measured[part], handles[part])])) as TimelineParts,
    });
    if (sample) listener?.onSample?.(sample);
    const verdict = listener?.onVerdict && this.#o.live?.look(atS, now, pulse, containers);
    if (verdict) listener?.onVerdict?.(verdict);
  }

  #markWorkers(now: Readings, atS: number): void {
    for (const [id, { view }] of now.workers) {
      if (!this.#previous.workers.has(id))
        this.#changed(`worker process ${view.hello.pid} on ${view.hello.host} came`, atS);
    }
    for (const [id, { view }] of this.#previous.workers) {
      if (now.workers.has(id)) continue;
      this.mark(`worker process ${view.hello.pid} on ${view.hello.host} went away`, atS);
      // One that was told to leave has left nothing behind.
      if (view.state.state === 'running') this.#o.listener?.onWorkerLost?.();
    }
  }

  #changed(what: string, atS: number): void {
    this.mark(what, atS);
    this.#o.listener?.onChanged?.(what);
  }

  /** Notes that something happened, now unless told otherwise. */
  mark(what: string, atS = (performance.now() - this.#o.startMs) / 1000): void {
    this.timeline.mark(atS, what);
    this.#o.listener?.onMark?.({ atS, what });
  }

  /** `after`: what was just read at the run's end. It is the last reading, so that nothing that the control room knows is missing. */
  async finish(after: Readings): Promise<Timeline> {
    clearInterval(this.#timer);
    await this.#taking;
    await this.#look(after).catch(() => {}); // away: what is missing is told by the result
    this.stop();
    return this.timeline;
  }

  /** At once; what is being read is left out. */
  stop(): void {
    clearInterval(this.#timer);
    this.#stopped = true;
  }
}

function sumSlots(all: readonly { total: number; running: number }[]): { total: number; running: number } {
  return all.reduce((sum, { total, running }) => ({ total: sum.total + total, running: sum.running + running }));
}
