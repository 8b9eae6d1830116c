// How a part that runs as a plain process does, asked now.

import { createConnection } from 'node:net';
import { askHealth } from '../../health.ts';
import type { PartStatus } from '../engine.ts';
import { isRunning } from './process.ts';
import type { PartRecord } from './records.ts';

const greetingWithinMs = 1000;

/** Whether a job server greets there; it takes no password to hear that. Never rejects. */
export function greets(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    let heard = '';
    const over = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(greetingWithinMs, () => over(false));
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text;
      if (heard.length >= 4) over(heard.startsWith('+HI '));
    });
    socket.on('error', () => over(false)).on('end', () => over(false));
  });
}

/** null: it can't be asked. */
async function healthy({ part, probe }: PartRecord): Promise<boolean | null> {
  if (probe.kind === 'log') return null;
  if (probe.kind === 'fwp') return greets(probe.host, probe.port);
  return (await askHealth(probe.origin, part))?.well === true;
}

export async function statusOf(record: PartRecord): Promise<PartStatus> {
  const { part, pid, startedAt, address, leaving } = record;
  const name = `pid ${pid}`;
  if (!isRunning(record)) return { part, name, state: 'exited', health: null, since: null, address: null };
  const well = await healthy(record);
  const health = well === null ? null : well ? 'healthy' : 'unhealthy';
  return { part, name, state: leaving ? 'leaving' : 'running', health, since: startedAt, address };
}
