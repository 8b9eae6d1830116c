// What to try after a run that was limited by this or that, as a command where there is one: `(measurements) → sentence`, pure.
// Invariant: it is never the command that was just run.

import { perfTestCommand, workerCommand } from './advice.ts';
import type { Measurements } from './measurements.ts';

const mostJobs = 100_000_000;

/** A round number of jobs that should keep this rate going for about `seconds`. */
function jobsFor(m: Measurements, seconds: number): number {
  const wanted = Math.max(m.jobs, (m.completePerS ?? m.jobs) * seconds);
  const unit = 10 ** Math.floor(Math.log10(wanted));
  return Math.min(mostJobs, Math.ceil(wanted / unit) * unit);
}

/** The run with more jobs than it had. */
export function longer(m: Measurements): string {
  return perfTestCommand(m.settings, Math.min(mostJobs, Math.max(jobsFor(m, 30), m.jobs * 2)));
}

/** The run, long enough for about 10 s, with those flags changed. */
export function again(m: Measurements, changes: Readonly<Record<string, string>> = {}): string {
  return perfTestCommand(m.settings, jobsFor(m, 10), changes);
}

export function moreSlots(m: Measurements): string {
  const slots = (m.slots ?? 2000) * 2;
  return m.settings.ownWorker ? again(m, { concurrency: String(slots) }) : workerCommand(m.settings, slots, null);
}

/** For the workers. */
export function moreCpus(m: Measurements): string {
  if (m.settings.ownWorker && m.workerCpus >= m.machineCpus) {
    return 'a bigger or another worker host (this machine has no more CPUs): FAKTORY_SERVER_IP=<server> just worker';
  }
  if (!m.settings.ownWorker) {
    const { capCores, hostCores } = m.cpu.workers;
    if (capCores !== null && hostCores != null && capCores >= hostCores) {
      return `another worker host (the workers have all ${hostCores} cores of theirs): ${workerCommand(m.settings, m.slots ?? 2000, null)} there`;
    }
    const cpus = Math.min((capCores ?? 4) * 2, hostCores ?? Number.POSITIVE_INFINITY);
    return workerCommand(m.settings, m.slots ?? 2000, cpus);
  }
  return again(m, { cpus: Math.min(m.workerCpus * 2, m.machineCpus).toFixed(1) });
}

/** For the job server. */
export function moreServer(m: Measurements): string {
  const { oneThread, capCores, hostCores } = m.cpu.server;
  if (oneThread && (capCores ?? 1) >= 1) return 'server-node is one thread: several servers side by side take more';
  if (capCores !== null && hostCores != null && capCores >= hostCores) {
    return `the server has all ${hostCores} cores of its host: give it a bigger host, or use several servers side by side`;
  }
  return "give the server more CPUs (faktory's cpus in docker-compose.server.yml, then just server), or use several side by side";
}
