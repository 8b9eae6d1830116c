// Whether ports are free, found out before anything is ended or started.

import { createServer } from 'node:net';
import { parseListen } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import type { Ports } from './engine.ts';
import type { PartSpec } from './native-plan.ts';
import type { NativePart } from './native-records.ts';
import { portVariables } from './ports.ts';

const portsOf: Record<NativePart, readonly (keyof Ports)[]> = {
  server: ['faktory', 'web'],
  api: ['api'],
  dashboard: ['dashboard'],
  worker: [],
};

/** Never rejects. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port }, () => server.close(() => resolve(true)));
  });
}

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
      if (await isFree(host, ports[name])) continue;
      taken.push(
        `port ${ports[name]} is in use by another program: end it, or set ${portVariables[name].variable} to another port`,
      );
    }
  }
  if (taken.length > 0) throw new JobstormError('EADDRINUSE', taken.join('; '));
}
