// `jobstorm up`: the word behind it says which side.

import { asksForHelp, ExitCode } from '@jobstorm/program';

const usage = `usage: jobstorm up server [--embedded] | jobstorm up worker [CONCURRENCY] [CPUS]

Starts parts on this host, in containers where a Docker engine answers and as plain processes elsewhere, and comes back once they work.

  jobstorm up server -h   the job server, api-service and control room
  jobstorm up worker -h   a worker for the job server named by FAKTORY_SERVER_IP, or for the one started here

examples:
  just server
      Faktory and the rest on this machine
  FAKTORY_SERVER_IP=192.168.1.100 just worker 6000 8.0
      6,000 slots on up to 8 cores
`;

/** Runs it from its arguments to its exit code. Never throws. */
export async function up([side, ...rest]: readonly string[]): Promise<number> {
  if (side === 'server') return (await import('./up-server.ts')).upServer(rest);
  if (side === 'worker') return (await import('./up-worker.ts')).upWorker(rest);
  if (side !== undefined && asksForHelp([side])) {
    process.stdout.write(usage);
    return ExitCode.good;
  }
  process.stderr.write(
    `jobstorm up: expected server or worker, got ${side === undefined ? 'nothing' : `"${side}"`}; -h says more\n`,
  );
  return ExitCode.badSettings;
}
