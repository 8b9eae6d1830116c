// The run of a chaos-test: more workers, the monkey while jobs are going through, and the ledger at the end.

import {
  buildResult,
  type ChaosLedger,
  chaosLedger,
  killSchedule,
  type RunResult,
  recoveriesOf,
  type Timeline,
} from '@jobstorm/loadtest';
import { ExitCode } from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import type { Cluster } from '../cluster.ts';
import { ProgressLine } from '../progress.ts';
import type { RunListener } from '../recorder.ts';
import { type RunOutcome, runPlan } from '../run.ts';
import { type Errand, serverNameOf } from '../run-command.ts';
import { settingsOf } from '../run-context.ts';
import type { ChaosConfig } from './chaos-settings.ts';
import { chaosSummary } from './chaos-summary.ts';
import { startJournalServer } from './chaos-test.ts';
import type { ExecutionLog } from './execution-log.ts';
import { Monkey, type Victim } from './monkey.ts';

/** Kills end when so many of the jobs are done: what follows is the way back. */
const untilShare = 0.9;
/** A killed worker's job comes back as a failure, and each kill may meet the same job. */
const retries = 25;

/** Workers that join the cluster's own, and all that may be killed. */
async function victimsOf(cluster: Cluster, chaos: ChaosConfig['chaos']): Promise<Victim[]> {
  const more = Array.from({ length: chaos.workers - 1 }, () => cluster.startWorker());
  const workers = [cluster.worker!, ...(await Promise.all(more))];
  const victims: Victim[] = workers.map((part) => ({ part, replace: () => cluster.startWorker() }));
  const { data } = chaos;
  if (data !== null && cluster.server) {
    victims.push({
      part: cluster.server,
      replace: async () => {
        cluster.server = await startJournalServer(cluster.nest, data, cluster.address.port);
        return cluster.server;
      },
    });
  }
  return victims;
}

/** Lets the monkey loose when the run begins, and ends it when most of the jobs are done. */
class Watch {
  readonly listener: RunListener;
  timeline: Timeline | null = null;
  monkey: Monkey | null = null;
  #completed = 0;

  constructor(jobs: number, victims: Victim[], chaos: ChaosConfig['chaos'], heard: RunListener) {
    this.listener = {
      ...heard,
      onStart: (timeline) => {
        heard.onStart?.(timeline);
        this.timeline = timeline;
        const startMs = performance.now();
        const nowS = () => (performance.now() - startMs) / 1000;
        this.monkey = new Monkey({
          victims,
          next: killSchedule(chaos.seed, chaos.killEveryMs),
          nowS,
          onKill: (what) => {
            timeline.mark(nowS(), `${what} was killed`);
            heard.onMark?.({ atS: nowS(), what: `${what} was killed` });
          },
        });
      },
      onSample: (sample) => {
        heard.onSample?.(sample);
        this.#completed += sample.counts.completed;
        if (this.#completed >= untilShare * jobs) void this.monkey?.stop();
      },
    };
  }
}

function resultOf({ config, context, cluster }: Errand, outcome: RunOutcome, ledger: ChaosLedger): RunResult {
  const own = { worker: true, api: cluster.api !== null };
  const result = buildResult({
    ...context,
    ...outcome,
    // Whoever went away was killed on purpose, and whom nobody answered was asking a server that was.
    totals: { ...outcome.totals, uncertain: 0, refused: new Map() },
    workersLost: [],
    local: cluster.server !== null,
    sameClock: true,
    settings: settingsOf(config, own),
  });
  result.jobs = {
    ...result.jobs,
    completed: ledger.completed,
    lost: ledger.lost,
    duplicated: ledger.duplicated,
    unexpected: 0,
  };
  return result;
}

function faultsOf(monkey: Monkey, ledger: ChaosLedger, interrupted: boolean): string[] {
  const faults = [...monkey.failures];
  if (monkey.kills.length === 0) faults.push('nobody was killed: give it more jobs, or kills that are closer together');
  if (ledger.held > 0) {
    const why = interrupted ? 'it was interrupted' : 'give it more --patience';
    faults.push(`the job server still holds ${ledger.held} of its jobs: ${why}`);
  }
  return faults;
}

/** Resolves with the exit code. */
export async function chaosErrand(errand: Errand, chaos: ChaosConfig['chaos'], log: ExecutionLog): Promise<number> {
  const { config, cluster, interrupt, terminal: t, reports } = errand;
  errand.context.environment.server = await serverNameOf(cluster, config.localServer);
  const plan = { ...errand.context.plan, retry: retries };
  const watch = new Watch(plan.jobs, await victimsOf(cluster, chaos), chaos, reports.listener);
  const outcome = await runPlan({
    plan,
    cluster,
    patienceMs: config.values.patienceMs,
    perRequest: null,
    interrupt: interrupt.signal,
    progress: new ProgressLine(t, performance.now()),
    serverName: describeAddress(cluster.address),
    listener: watch.listener,
  }).finally(() => watch.monkey?.stop());
  const monkey = watch.monkey!;
  const executed = log.read();
  const { totals, done, heldAtEnd } = outcome;
  const refused = [...totals.refused.values()].reduce((sum, count) => sum + count, 0);
  const ledger = chaosLedger({
    submitted: totals.submitted,
    accepted: totals.accepted,
    refused,
    uncertain: totals.uncertain,
    executed: executed.count - executed.countFrom(plan.jobs),
    repeated: executed.duplicated,
    reported: done.completed,
    held: heldAtEnd,
  });
  const recoveries = recoveriesOf(monkey.kills, watch.timeline?.samples ?? []);
  const result = resultOf(errand, outcome, ledger);
  result.chaos = { ledger, kills: recoveries };
  const faults = faultsOf(monkey, ledger, interrupt.signal.aborted);
  // What would spoil a rate spoils no ledger.
  Object.assign(result, { valid: faults.length === 0, invalidBecause: faults });
  t.write(chaosSummary({ ledger, recoveries, retried: done.retried, faults, totals, active: outcome.done }, t));
  reports.finish(result, outcome.phases.endToEnd);
  if (interrupt.signal.aborted) return ExitCode.interrupted;
  if (ledger.lost > 0) return ExitCode.jobsLostOrDuplicated;
  return faults.length > 0 ? ExitCode.notValid : ExitCode.good;
}
