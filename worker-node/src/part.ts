// `jobstorm worker`: from its arguments to its exit code.

import { resolve } from 'node:path';
import {
  acceptedTokens,
  bearerToken,
  checkExposure,
  parseListen,
  type RunningPart,
  runPart,
  type SettingsOf,
} from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { Cgroup } from '@jobstorm/telemetry';
import { changedTask, help, planWorker, table, type WorkerPlan } from './config.ts';
import { CpuCap } from './cpu-cap.ts';
import { metricsText } from './metrics.ts';
import { MetricsServer } from './metrics-server.ts';
import { Supervisor } from './supervisor.ts';
import { version } from './version.ts';

type Settings = SettingsOf<typeof table>;

/** How long running jobs may take to finish after SIGTERM, in milliseconds. */
const graceMs = 25_000;

function log(message: string): void {
  process.stderr.write(`jobstorm worker: ${message}\n`);
}

function supervise(settings: Settings, plan: WorkerPlan, cap: CpuCap | null): Supervisor {
  const cgroup = new Cgroup();
  return new Supervisor({
    task: plan.task,
    changed: (task, wanted) => changedTask(task, wanted, plan),
    log,
    cap,
    flags: settings.cpuProf === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(settings.cpuProf)}`],
    memory: () => cgroup.usage(),
    start: {
      engine: plan.engine,
      address: plan.address,
      graceMs,
      jobsFile: settings.jobs,
      jobTimeoutMs: settings.jobTimeout,
      control: settings.control,
      token: bearerToken(settings.token, plan.address.password),
      hostName: settings.hostName,
      capCores: plan.capCores,
      version,
    },
  });
}

/** How the cap is kept, for the line that tells that the worker is up. */
function describeCap(cores: number, processes: string, failure: string | null): string {
  const cap = cores === 1 ? '1 CPU' : `${cores} CPUs`;
  return failure === null
    ? ` capped at ${cap} by a control group`
    : ` (nothing but ${processes} keeps it at ${cap}: ${failure})`;
}

/** Null: nobody asked for it. */
async function serveMetrics(
  settings: Settings,
  plan: WorkerPlan,
  supervisor: Supervisor,
): Promise<MetricsServer | null> {
  const { metrics, token, open } = settings;
  if (metrics === null) return null;
  const warning = checkExposure({
    addresses: { metrics },
    secret: { name: 'JOBSTORM_TOKEN', isSet: token !== null },
    open,
  });
  if (warning !== null) log(warning);
  return MetricsServer.start({
    listen: parseListen(metrics),
    tokens: acceptedTokens(token, plan.address.password),
    health: () => supervisor.health(),
    metrics: async () => metricsText(await supervisor.view()),
  });
}

/** SIGTSTP: quiet, as other Faktory workers take it. SIGUSR2: leave when what runs is done, however long that takes. */
function listenForSignals(supervisor: Supervisor): () => void {
  const quiet = () => supervisor.quiet();
  const leave = () => {
    log('leaving: no more jobs are fetched, and it ends when those that run are done');
    void supervisor.leave();
  };
  // Under a parent of ours, ctrl-Z means to suspend the lot.
  if (process.send === undefined) process.on('SIGTSTP', quiet);
  process.on('SIGUSR2', leave);
  return () => {
    process.off('SIGTSTP', quiet);
    process.off('SIGUSR2', leave);
  };
}

async function start(settings: Settings): Promise<RunningPart> {
  const plan = planWorker(settings);
  if (plan.note) log(plan.note);
  const cap = plan.ownCap ? CpuCap.make(plan.capCores, new Cgroup()) : null;
  const supervisor = supervise(settings, plan, cap instanceof CpuCap ? cap : null);
  const metrics = await serveMetrics(settings, plan, supervisor);
  try {
    await supervisor.start();
  } catch (error) {
    await metrics?.close();
    throw error;
  }
  const release = listenForSignals(supervisor);
  const count = plan.task.processes;
  const processes = count === 1 ? 'one process' : `${count} processes`;
  const failure = typeof cap === 'string' ? cap : supervisor.capFailure;
  const capped = plan.ownCap ? describeCap(plan.capCores, processes, failure) : '';
  const shown = metrics === null ? '' : `, metrics at ${metrics.url}/metrics`;
  return {
    ready: { processes: count, pids: supervisor.pids, capCores: plan.capCores },
    readyLine: `jobstorm worker: ${settings.concurrency} slots in ${processes}${capped}, fetching from ${describeAddress(plan.address)}${shown}`,
    stop: async () => {
      await supervisor.stop();
      release();
    },
    finished: supervisor.finished.then(() => metrics?.close()),
  };
}

/** Runs `jobstorm worker` and resolves with its exit code. */
export function main(argv: readonly string[]): Promise<number> {
  const inForce = (settings: Settings) => ({ ...settings, cpus: planWorker(settings).capCores });
  return runPart(argv, { name: 'worker', help, table, inForce, start });
}
