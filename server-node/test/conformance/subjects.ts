// The servers that are compared.

import { startRealFaktory, testCertificate } from '@jobstorm/testkit';
import { startServer } from '../../src/index.ts';

/** A server under test, running. */
export interface Subject {
  /** For messages. */
  name: string;
  host: string;
  port: number;
  /** Of its web side. */
  webUrl: string;
  /** What to trust; set when it serves by TLS. */
  ca?: string;
  close(): Promise<void>;
}

export interface SubjectOptions {
  password?: string | null;
  /** By TLS, with the certificate of the tests. */
  tls?: boolean;
}

const local = { host: '127.0.0.1', port: 0 };

export async function startEmbedded({ password = null, tls = false }: SubjectOptions): Promise<Subject> {
  const keys = tls ? testCertificate : null;
  const { host, port, webUrl, close } = await startServer({ ...local, web: local, password, tls: keys });
  return { name: 'server-node', host, port, webUrl: webUrl ?? '', ...(tls ? { ca: testCertificate.cert } : {}), close };
}

export async function startReal({ password = null, tls = false }: SubjectOptions): Promise<Subject> {
  const { host, port, webPort, close } = await startRealFaktory({ password, tls: tls ? testCertificate : null });
  const webUrl = `${tls ? 'https' : 'http'}://${host}:${webPort}`;
  return { name: 'real Faktory', host, port, webUrl, ...(tls ? { ca: testCertificate.cert } : {}), close };
}
