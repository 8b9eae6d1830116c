// What a worker's container says while it starts. Pure: lines in, "it fetches" or why it does not.

import { isLoopback } from '@jobstorm/program';
import type { WorkerPlan } from '../engine.ts';

/** The name that containers have for their host; the compose file gives it to them. */
export const hostFromInside = 'host.docker.internal';

/** The job server as a container of this host reaches it: HOST:PORT, or tcp+tls://HOST:PORT. */
export function addressFromInside({ host, port, tls }: Pick<WorkerPlan, 'host' | 'port' | 'tls'>): string {
  const inside = isLoopback(host) ? hostFromInside : host;
  return `${tls ? 'tcp+tls://' : ''}${inside.includes(':') ? `[${inside}]` : inside}:${port}`;
}

const silence = 'it ended without a word';

export class WorkerLog {
  /** It has said that it fetches jobs. */
  ready = false;
  #last: string | null = null;

  hear(line: string): void {
    if (/^jobstorm worker: .*\bfetching from\b/.test(line)) this.ready = true;
    // Each of its failures is one line with its name before it; another program's trouble is the last thing that was said.
    const said = line.replace(/^jobstorm worker: /, '').trim();
    if (said !== '') this.#last = said;
  }

  /** Why it ended, in its own words. */
  get failure(): string {
    return this.#last ?? silence;
  }
}

const unreachable =
  /nothing listens at|can't be found|connection to .* failed|did not (answer|greet)|timed out|no connection/i;

/** What a silent end looks like under a memory limit: the kernel kills without a word. Empty where neither is the case. */
export function memoryHint(failure: string, memoryBytes: number): string {
  if (memoryBytes === 0 || !failure.endsWith(silence)) return '';
  return `\n  - so ends what needs more memory than it may have: give it more than WORKER_MEMORY=${Math.round(memoryBytes / 1024 ** 2)}m, or fewer slots`;
}

/**
 * Why a worker that could not start could not, and what to do, when this host itself reached the job server a moment before.
 * @param inside HOST:PORT that the container was given
 */
export function explainFailure(failure: string, inside: string, host: string, port: number): string {
  if (!unreachable.test(failure)) return `the worker did not start: ${failure}`;
  const lines = [
    `this host reaches the job server, but the worker's container does not reach it at ${inside}: ${failure}`,
  ];
  if (inside.includes(hostFromInside)) {
    lines.push(
      `  - the server may listen on this host's loopback only: let it listen on 0.0.0.0:${port} (with a password), or on the address of docker0`,
      `  - or a firewall may keep containers from the host: allow the docker networks to reach port ${port}`,
      '  - or run the worker without a container: JOBSTORM_ENGINE=native just worker',
    );
  } else if (/can't be found/.test(failure)) {
    lines.push(
      `  - containers do not know the name ${host} (of /etc/hosts, or of a DNS that only this host asks): give an address instead`,
    );
  } else {
    lines.push(
      `  - a firewall or a VPN may let this host through and not its containers: allow the docker networks to reach ${host}:${port}`,
      `  - or a docker network may have the same range as the network of ${host}: \`docker network inspect bridge\` shows it`,
      '  - or run the worker without a container: JOBSTORM_ENGINE=native just worker',
    );
  }
  return lines.join('\n');
}
