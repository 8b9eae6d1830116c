// Whether ports are free, found out before anything is ended or started.

import { parseListen } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import type { Ports } from '../engine.ts';
import { isTaken, portVariables } from '../ports.ts';
import type { PartSpec } from './plan.ts';
import type { NativePart } from './records.ts';

const portsOf: Record<NativePart, readonly (keyof Ports)[]> = {
  server: ['faktory', 'web'],
  api: ['api'],
  dashboard: ['dashboard'],
  worker: [],
};

/**
 * @param heldBy the address of the part of ours that runs now, whose ports will be free
 * @throws JobstormError EADDRINUSE that names each port taken and how to choose another
 */
export async function requireFreePorts(
  ports: Ports,
  due: readonly PartSpec[],
  heldBy: (part: NativePart) => string | null,
): Promise<void> {
  const taken: string[] = [];
  for (const { part, address } of due) {
    if (address === null || heldBy(part) === address) continue;
    const { host } = parseListen(address);
    for (const name of portsOf[part]) {
      if (!(await isTaken(ports[name], host))) continue;
      taken.push(
        `port ${ports[name]} is in use by another program: end it, or set ${portVariables[name].variable} to another port`,
      );
    }
  }
  if (taken.length > 0) throw new JobstormError('EADDRINUSE', taken.join('; '));
}
