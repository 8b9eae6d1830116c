// A run from its settings on: cluster → run → result → the cluster's end, and the exit code. Invariant: whatever happens on
// the way, what was started is ended, and the reports that were asked for are written.

import { hostname } from 'node:os';
import { buildResult, makePlan, newRunId, type RunPlan } from '@jobstorm/loadtest';
import { ExitCode, reportError } from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import type { ChildPart } from './child-part.ts';
import { measureClocks } from './clocks.ts';
import { type Cluster, openCluster } from './cluster.ts';
import type { PerfTestConfig } from './config.ts';
import { FeedLink } from './feed-link.ts';
import { seconds, whole } from './format.ts';
import { generatorsFor } from './generator-count.ts';
import type { Interrupt } from './interrupt.ts';
import { keyTableText } from './key-table.ts';
import { inMemory } from './local-server.ts';
import { measuredRuns } from './measured-runs.ts';
import type { Nest } from './nest.ts';
import { ProgressLine } from './progress.ts';
import { Reports } from './reports.ts';
import { type RunOutcome, runPlan } from './run.ts';
import { contextOf, failedResult, type RunContext, settingsOf } from './run-context.ts';
import type { Taken } from './run-series.ts';
import { heldOf } from './sampler.ts';
import { scenarioPlan } from './scenario-choice.ts';
import { shortfallOf } from './shortfall.ts';
import { summaryText } from './summary.ts';
import type { Terminal } from './terminal.ts';
import { isThisHost } from './this-host.ts';
import { ThresholdWatch } from './threshold-watch.ts';

function activeText({ done, totals }: RunOutcome): string {
  const startUs = totals.firstSendUs > 0 ? totals.firstSendUs : done.firstFetchUs;
  if (startUs === null || done.lastAckUs === null || done.lastAckUs < startUs) return 'no time that was measured';
  return seconds((done.lastAckUs - startUs) / 1e6);
}

export async function serverNameOf(cluster: Cluster, localServer = inMemory): Promise<string> {
  try {
    const { server } = await cluster.client.info();
    const name = cluster.server ? `${localServer}, local` : server.description;
    return `${name} ${server.faktory_version} at ${describeAddress(cluster.address)}`;
  } catch {
    return describeAddress(cluster.address);
  }
}

/** What is done on a cluster that is up. */
export interface Errand {
  config: PerfTestConfig;
  context: RunContext;
  cluster: Cluster;
  interrupt: Interrupt;
  terminal: Terminal;
  reports: Reports;
}

/** The run, its summary shown and its result written; the exit code. */
async function measuredRun(errand: Errand): Promise<number> {
  errand.context.environment.server = await serverNameOf(errand.cluster);
  return measuredRuns(errand, { planFor, measure });
}

/** How a run can end before its time, besides ctrl-C. */
export interface RunStops {
  /** See `RunOptions`. */
  enough?: AbortSignal;
  /** As ctrl-C does it: what is queued stays there. */
  giveUp?: AbortSignal;
}

/** The run. `listener` hears what happens; when not set, the reports do. */
export async function measure(
  errand: Errand,
  listener = errand.reports.listener,
  { enough, giveUp }: RunStops = {},
): Promise<Taken> {
  const { config, context, cluster, interrupt, terminal: t } = errand;
  const watch = new ThresholdWatch(config.values.thresholdAbort ? config.thresholds : []);
  const ownWorker = cluster.worker !== null;
  const settings = settingsOf(config, { worker: ownWorker, api: cluster.api !== null });
  await warnOfBacklog(cluster, context.plan, t);
  const outcome = await runPlan({
    plan: context.plan,
    cluster,
    patienceMs: config.values.patienceMs,
    perRequest: config.perRequest,
    interrupt: AbortSignal.any([interrupt.signal, watch.signal, ...(giveUp ? [giveUp] : [])]),
    progress: new ProgressLine(t, performance.now()),
    serverName: describeAddress(cluster.address),
    generators: config.values.generators ?? generatorsFor(context.plan),
    listener: watch.listener(listener),
    live: { workerCpus: context.workerCpus, settings },
    ...(enough ? { enough } : {}),
  });
  // A container's host is told the name of its own by JOBSTORM_HOST, and so is this command when it is started like that.
  const names = [hostname(), config.values.hostName];
  const workersHere = ownWorker || (outcome.view?.parts ?? []).every(({ host }) => names.includes(host));
  const clocks = await measureClocks(cluster, names, workersHere);
  const result = buildResult({
    ...context,
    ...outcome,
    stretches: outcome.timeline.stretches,
    abortedBy: watch.broken?.expression ?? null,
    ...(clocks ? { clocks } : {}),
    local: workersHere && (cluster.server !== null || isThisHost(cluster.address.host)),
    sameClock: workersHere,
    settings,
  });
  const rssBytes: Record<string, number> = {};
  for (const [part, { usage }] of Object.entries(outcome.parts)) if (usage) rssBytes[part] = usage.rssBytes;
  const notes = {
    shortfall: watch.broken
      ? [`ended early, since ${watch.broken.expression} did not hold (--threshold-abort)`]
      : shortfallOf(outcome, context.plan, config.values.patienceMs),
    activeText: activeText(outcome),
    open: context.plan.ratePerS !== null,
    perS: outcome.timeline.samples.map(({ counts, lengthS }) => counts.completed / lengthS),
    rssBytes,
  };
  const { timeline, phases, workersAtStart } = outcome;
  const keyTable = config.scenario?.keyTable;
  const show = () => {
    t.write(summaryText(result, notes, t));
    if (keyTable) t.write(keyTableText(keyTable, result, workersAtStart, t));
  };
  return { result, timeline, endToEnd: phases.endToEnd, show };
}

/** Jobs of others that the run's own will wait behind. */
async function warnOfBacklog(cluster: Cluster, { queues }: RunPlan, t: Terminal): Promise<void> {
  const { depth } = heldOf(await cluster.client.info(), queues);
  if (depth > 0) {
    t.write(
      t.yellow(
        `queue ${queues.join(', ')} holds ${whole(depth)} jobs already: they run first, and count against this run\n`,
      ),
    );
  }
}

function planFor(config: PerfTestConfig): RunPlan {
  return makePlan({
    run: newRunId(Date.now(), Math.random),
    shape: config.shape,
    queue: config.values.queue,
    via: config.via,
    ...config.load,
    ...scenarioPlan(config),
    ...(config.recorded === undefined ? {} : { recorded: config.recorded }),
  });
}

export interface CommandOptions {
  config: PerfTestConfig;
  argv: readonly string[];
  terminal: Terminal;
  nest: Nest;
  interrupt: Interrupt;
  /** The local cluster's server, which was started before; null: one was named. */
  server: Promise<ChildPart> | null;
  /** What the cluster is for; when not set, a measured run. */
  errand?: (errand: Errand) => Promise<number>;
}

/** To the room that was named, or one that goes on after the run: one of the run's own has nobody who watches it. */
function feedTo({ control, bearer }: Cluster, { tell, token }: PerfTestConfig['values'], run: string): FeedLink | null {
  if (tell !== null) return new FeedLink({ room: tell, token, run });
  return control.own ? null : new FeedLink({ room: control.url, token: bearer, run });
}

/** Boots, runs, ends; the result is written whatever happens. Resolves with the exit code. */
export async function runCommand({
  config,
  argv,
  terminal: t,
  nest,
  interrupt,
  server,
  errand = measuredRun,
}: CommandOptions): Promise<number> {
  const plan = planFor(config);
  const context = contextOf(config, argv, plan);
  const reports = new Reports(config.values, context);
  // Whatever takes its turn finds what it needs.
  const via = [config, ...config.turns.map((turn) => turn.config)].find((one) => one.via !== 'direct')?.via ?? 'direct';
  const opening = openCluster({ ...config, via }, nest, server);
  let cluster: Cluster | null = null;
  let feed: FeedLink | null = null;
  try {
    cluster = await interrupt.race(opening);
    for (const note of cluster.notes) t.write(t.dim(`${note}\n`));
    feed = feedTo(cluster, config.values, plan.run);
    if (feed) reports.tellTo(feed);
    return await errand({ config, context, cluster, interrupt, terminal: t, reports });
  } catch (error) {
    const interrupted = interrupt.signal.aborted;
    const reason = error instanceof Error ? error.message : String(error);
    reports.finish(failedResult(context, interrupted ? 'interrupted before it began' : reason));
    if (!interrupted) return reportError(config.command, error);
    t.write('interrupted before it began\n');
    return ExitCode.interrupted;
  } finally {
    await feed?.close();
    if (!cluster) {
      // Its parts are gone, so it fails soon; should it be up by now, it is closed like any other.
      nest.kill();
      cluster = await opening.catch(() => null);
    }
    await cluster?.close((line) => t.write(t.dim(`${line}\n`)));
  }
}
