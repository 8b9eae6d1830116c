// Which job server `up worker` works for, and what it shows there: pure decisions on settings and on what this checkout noted.

import { isLoopback, jobServerAddress, SettingsError } from '@jobstorm/program';
import type { ServerAddress } from '@jobstorm/protocol';
import type { CurrentCluster } from '../current.ts';
import type { UpWorkerSettings } from './config.ts';

export interface WorkerTarget {
  address: ServerAddress;
  /** It is the cluster that this checkout started. */
  ours: boolean;
  /** ws://host:port */
  control: string;
  /** http://host:port, where one is expected; it may not be there. */
  api: string;
}

const missing = [
  'which job server? FAKTORY_SERVER_IP is not set, and this checkout has started no server on this host',
  "  on the server's machine, `just server` prints the whole line to use here (it leaves a server that runs as it is);",
  '  `hostname -I` there shows its addresses. Then: FAKTORY_SERVER_IP=192.168.1.100 just worker',
  '  or start a server on this machine first: just server',
];

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

function isSameServer(a: ServerAddress, b: ServerAddress, ownHosts: ReadonlySet<string>): boolean {
  const isHere = ({ host }: ServerAddress) => isLoopback(host) || ownHosts.has(host);
  return a.port === b.port && (a.host === b.host || (isHere(a) && isHere(b)));
}

/**
 * @param ownHosts addresses and name of this host
 * @throws SettingsError when no server is known
 */
export function findTarget(
  { url, password, control }: Pick<UpWorkerSettings, 'url' | 'password' | 'control'>,
  current: CurrentCluster | null,
  ownHosts: ReadonlySet<string>,
): WorkerTarget {
  const started = current?.by === 'server' ? current : null;
  if (url === null && started === null) throw new SettingsError(missing);
  const address = jobServerAddress(url ?? started!.url, password);
  const ours = started !== null && isSameServer(address, jobServerAddress(started.url, null), ownHosts);
  const host = bracketed(address.host);
  const room = control ?? (ours ? started?.control : null) ?? `http://${host}:7460`;
  return {
    address,
    ours,
    control: room.replace(/^http/, 'ws'),
    api: (ours ? started?.api : null) ?? `http://${host}:3000`,
  };
}
