// The servers that are compared.

import { startRealFaktory } from '@jobstorm/testkit';
import { startServer } from '../../src/index.ts';

/** A server under test, running. */
export interface Subject {
  /** For messages. */
  name: string;
  host: string;
  port: number;
  close(): Promise<void>;
}

export async function startEmbedded(password: string | null): Promise<Subject> {
  const { host, port, close } = await startServer({ host: '127.0.0.1', port: 0, password });
  return { name: 'server-node', host, port, close };
}

export async function startReal(password: string | null): Promise<Subject> {
  const { host, port, close } = await startRealFaktory({ password });
  return { name: 'real Faktory', host, port, close };
}
