// Follows a run in the control room until it is over. Invariant: a control room that is away for a while ends nothing: what it counted
// stays as it was until it and the workers are back, no job is taken for lost meanwhile, and the run's patience is what ends it.

import type { RunCounts } from '@jobstorm/dashboard';
import { Follower, failureIsFinal, type RunEnd, type SubmitTotals } from '@jobstorm/loadtest';
import { LONGEST_RETRY_MS } from '@jobstorm/telemetry';
import type { Cluster } from './cluster.ts';
import type { Look } from './gate-watch.ts';
import type { RunOptions } from './run.ts';
import type { DepthSampler } from './sampler.ts';

const lookEveryMs = 50;
const pollEveryMs = 200;
/** One that runs elsewhere tells what changes; it is asked only in case that something got lost. */
const askEveryMs = 1000;
const ownWorkerGraceMs = 1500;
/** A part may take so long to find a control room again that was away: its longest pause between two attempts, and the attempt. */
const partsBackWithinMs = LONGEST_RETRY_MS + 750;

export interface FollowOptions extends Pick<RunOptions, 'cluster' | 'plan' | 'progress' | 'patienceMs' | 'interrupt'> {
  /** Hears how things are each time that they are looked at. */
  look?: (look: Look) => void;
}

/** The run's counts, asked for; null: the control room is away. */
async function askCounts({ cluster, plan }: FollowOptions): Promise<{ counts: RunCounts | undefined } | null> {
  try {
    return { counts: (await cluster.room.runs()).find(({ run }) => run === plan.run) };
  } catch {
    return null;
  }
}

/** Only asked when a worker of the run's own has ended; null: it was not, or is not known. */
async function workersLeft({ worker, room }: Cluster): Promise<number | null> {
  if (!worker?.unexpectedEnd) return null;
  try {
    return (await room.workers()).length;
  } catch {
    return null;
  }
}

/** Looks at the control room whenever it hears something, and often enough without, until the run is over. */
export async function follow(
  o: FollowOptions,
  totals: SubmitTotals,
  submitted: Promise<unknown>,
  sampler: DepthSampler,
) {
  const { cluster, plan, progress } = o;
  let allSent = false;
  let wake = () => {};
  const nudge = () => wake();
  void submitted.then(() => {
    allSent = true;
    nudge();
  });
  let counts: RunCounts | undefined;
  const unsubscribe = cluster.room.subscribe(({ runs }) => {
    counts = runs.find(({ run }) => run === plan.run) ?? counts;
    nudge();
  });
  o.interrupt.addEventListener('abort', nudge);
  const follower = new Follower({
    patienceMs: o.patienceMs,
    failureIsFinal: failureIsFinal(plan),
    workerGraceMs: cluster.worker || plan.held ? ownWorkerGraceMs : Number.POSITIVE_INFINITY,
  });
  let polledAtMs = performance.now();
  let askAtMs = 0;
  let countsKnownFromMs = 0;
  let end: RunEnd | null = null;
  while (end === null) {
    if (performance.now() >= askAtMs) {
      const asked = await askCounts(o);
      counts = asked?.counts ?? counts;
      if (asked === null) countsKnownFromMs = performance.now() + partsBackWithinMs;
      askAtMs = performance.now() + (cluster.control.own ? 0 : askEveryMs);
    }
    const nowMs = performance.now();
    const completed = counts?.completed ?? 0;
    const failed = counts?.failed ?? 0;
    const ended = completed + (failureIsFinal(plan) ? failed : 0);
    o.look?.({ totals, ended, lastAckUs: counts?.lastAckUs ?? null });
    end = follower.observe(
      {
        submitted: allSent,
        // One that was never answered may have been taken: it counts as done only when it was done, or the server holds none any more.
        accepted: totals.accepted + totals.uncertain,
        completed,
        failed,
        retried: counts?.retried ?? 0,
        // What is missing while counts are old may have been done long ago, and is no loss.
        held: nowMs < countsKnownFromMs ? null : (sampler.latest?.all ?? null),
        workers: await workersLeft(cluster),
        interrupted: o.interrupt.aborted,
      },
      nowMs,
    );
    if (end !== null) break;
    const { submitted: sent, waitingFor } = totals;
    progress.update(
      {
        jobs: plan.load.kind === 'backlog' ? sent : plan.jobs,
        submitted: sent,
        ended,
        depth: sampler.latest?.depth ?? null,
        waitingFor,
      },
      nowMs,
    );
    if ((allSent || plan.load.kind === 'tides') && nowMs - polledAtMs >= pollEveryMs) {
      polledAtMs = nowMs;
      cluster.room.poll().catch(() => {}); // away: the counts come when it is back
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
