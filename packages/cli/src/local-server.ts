// The job server of a local cluster: server-node in memory, on loopback, at any free port.

import type { ChildPart } from './child-part.ts';
import type { Nest } from './nest.ts';

/** What it is, for people. */
export const inMemory = 'server-node, in memory';

/** What a part is not to take from the environment or `.env`: the command line decides what the cluster is. */
export const blankEnv = {
  FAKTORY_URL: '',
  FAKTORY_SERVER_IP: '',
  FAKTORY_PASSWORD: '',
  BIND_ADDR: '',
  JOBSTORM_TOKEN: '',
  JOBSTORM_CONTROL: '',
  JOBSTORM_METRICS: '',
  JOBSTORM_OPEN: '',
} as const;

/** Resolves when it listens. */
export function startLocalServer(nest: Nest): Promise<ChildPart> {
  return nest.start('server', ['--listen', '127.0.0.1:0', '--web', 'off', '--memory'], blankEnv);
}
