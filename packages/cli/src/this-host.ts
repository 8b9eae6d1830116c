// Whether an address is this machine's own.

import { hostname, networkInterfaces } from 'node:os';
import { isLoopback } from '@jobstorm/program';

/** True for loopback, the addresses of this machine's interfaces, and its name. */
export function isThisHost(host: string): boolean {
  if (isLoopback(host) || host === hostname()) return true;
  return Object.values(networkInterfaces()).some((infos) => infos?.some(({ address }) => address === host));
}
