// `jobstorm worker`: from its arguments to its exit code.

import { type RunningPart, runPart, type SettingsOf } from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { help, planWorker, table } from './config.ts';
import { Supervisor } from './supervisor.ts';
import { version } from './version.ts';

/** How long running jobs may take to finish after SIGTERM, in milliseconds. */
const graceMs = 25_000;

function log(message: string): void {
  process.stderr.write(`jobstorm worker: ${message}\n`);
}

async function start(settings: SettingsOf<typeof table>): Promise<RunningPart> {
  const plan = planWorker(settings);
  if (plan.note) log(plan.note);
  const supervisor = new Supervisor({
    slots: plan.slots,
    log,
    start: {
      engine: plan.engine,
      address: plan.address,
      queues: settings.queues,
      connections: plan.connectionsPerProcess,
      graceMs,
      jobsFile: settings.jobs,
      control: settings.control,
      token: settings.token,
      capCores: plan.capCores,
      version,
    },
  });
  await supervisor.start();
  const quiet = () => supervisor.quiet();
  // As other Faktory workers take it. Under a parent of ours, ctrl-Z means to suspend the lot.
  if (process.send === undefined) process.on('SIGTSTP', quiet);
  const processes = plan.processes === 1 ? 'one process' : `${plan.processes} processes`;
  return {
    ready: { processes: plan.processes, pids: supervisor.pids, capCores: plan.capCores },
    readyLine: `jobstorm worker: ${settings.concurrency} slots in ${processes}, fetching from ${describeAddress(plan.address)}`,
    stop: async () => {
      await supervisor.stop();
      process.off('SIGTSTP', quiet);
    },
    finished: supervisor.finished,
  };
}

/** Runs `jobstorm worker` and resolves with its exit code. */
export function main(argv: readonly string[]): Promise<number> {
  return runPart(argv, { name: 'worker', help, table, start });
}
