// The cluster that a checkout started last, in .jobstorm/current, so that later commands find it without being told.
// Invariant: the file is written whole or not at all, holds no secret, and whoever reads it gets every field or nothing.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

const schema = Type.Object({
  url: Type.String({ pattern: '^tcp(\\+tls)?://' }),
  api: Type.Union([Type.String({ pattern: '^http://' }), Type.Null()]),
  control: Type.Union([Type.String({ pattern: '^http://' }), Type.Null()]),
  startedAt: Type.String(),
  by: Type.Union([Type.Literal('server'), Type.Literal('worker')]),
  engine: Type.Union([Type.Literal('docker'), Type.Literal('native')]),
});

export interface CurrentCluster {
  /** tcp://host:port or tcp+tls://host:port of the job server, as this host reaches it; without its password. */
  url: string;
  /** http://host:port of its api-service; null: none is known. */
  api: string | null;
  /** http://host:port of its control room; null: none is known. */
  control: string | null;
  /** ISO 8601. */
  startedAt: string;
  /** Which command noted it: `up server`, or `up worker` for a server elsewhere. */
  by: 'server' | 'worker';
  engine: 'docker' | 'native';
}

const pathIn = (dir: string) => join(dir, '.jobstorm', 'current');

/** The cluster noted in `dir`, the checkout; null: none, or a file that is none. It may have ended since. Never throws. */
export function readCurrent(dir: string): CurrentCluster | null {
  try {
    const found: unknown = JSON.parse(readFileSync(pathIn(dir), 'utf8'));
    return Value.Check(schema, found) ? found : null;
  } catch {
    return null;
  }
}

/** Notes a cluster in place of the one before. */
export function writeCurrent(dir: string, cluster: CurrentCluster): void {
  const path = pathIn(dir);
  const staged = `${path}.${process.pid}.tmp`;
  mkdirSync(join(dir, '.jobstorm'), { recursive: true });
  writeFileSync(staged, `${JSON.stringify(cluster, null, 2)}\n`, { mode: 0o600 });
  renameSync(staged, path);
}

/** Forgets it; nothing happens where none is noted. */
export function forgetCurrent(dir: string): void {
  rmSync(pathIn(dir), { force: true });
}
