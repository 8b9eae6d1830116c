// `jobstorm worker`: from its arguments to its exit code.

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
import { help, planWorker, table, type WorkerPlan } from './config.ts';
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
  return new Supervisor({
    slots: plan.slots,
    limits: plan.limits,
    log,
    cap,
    start: {
      engine: plan.engine,
      address: plan.address,
      queues: settings.queues,
      connections: plan.connectionsPerProcess,
      idleConnections: plan.idleConnectionsPerProcess,
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
  if (failure === null) return ` capped at ${cores} CPUs by a control group`;
  return ` (nothing but ${processes} keeps it at ${cores} CPUs: ${failure})`;
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
  const quiet = () => supervisor.quiet();
  // As other Faktory workers take it. Under a parent of ours, ctrl-Z means to suspend the lot.
  if (process.send === undefined) process.on('SIGTSTP', quiet);
  const processes = plan.processes === 1 ? 'one process' : `${plan.processes} processes`;
  const failure = typeof cap === 'string' ? cap : supervisor.capFailure;
  const capped = plan.ownCap ? describeCap(plan.capCores, processes, failure) : '';
  const shown = metrics === null ? '' : `, metrics at ${metrics.url}/metrics`;
  return {
    ready: { processes: plan.processes, pids: supervisor.pids, capCores: plan.capCores },
    readyLine: `jobstorm worker: ${settings.concurrency} slots in ${processes}${capped}, fetching from ${describeAddress(plan.address)}${shown}`,
    stop: async () => {
      await supervisor.stop();
      process.off('SIGTSTP', quiet);
    },
    finished: supervisor.finished.then(() => metrics?.close()),
  };
}

/** Runs `jobstorm worker` and resolves with its exit code. */
export function main(argv: readonly string[]): Promise<number> {
  const inForce = (settings: Settings) => ({ ...settings, cpus: planWorker(settings).capCores });
  return runPart(argv, { name: 'worker', help, table, inForce, start });
}
