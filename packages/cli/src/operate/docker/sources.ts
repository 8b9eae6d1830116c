// What goes into the images, as one hash: an image whose label io.jobstorm.source has another one is stale.
// Invariant: the hash depends on names and contents only, so two checkouts of one commit agree.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Files and folders of the checkout that the Dockerfile copies. */
const roots = [
  'Dockerfile',
  '.dockerignore',
  '.npmrc',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'bin/build.mjs',
  'packages',
  'server-node',
  'worker-node',
  'api-service',
  'dashboard',
];
const leftOut = new Set(['node_modules', 'test', 'dist']);
/** Copied along, and in no image. */
const inNoImage = new Set(['packages/cli/src', 'packages/testkit/src']);

function* filesIn(dir: string, path: string): Generator<string> {
  const stat = statSync(join(dir, path), { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isDirectory()) {
    yield path;
    return;
  }
  for (const name of readdirSync(join(dir, path)).sort()) {
    if (!leftOut.has(name) && !inNoImage.has(`${path}/${name}`)) yield* filesIn(dir, `${path}/${name}`);
  }
}

/** 16 hex digits for the sources in `dir`, the checkout, on top of that base image ('': the Dockerfile's own). */
export function sourceHash(dir: string, baseImage: string): string {
  const hash = createHash('sha256').update(`${baseImage}\0`);
  for (const root of roots) {
    for (const path of filesIn(dir, root)) {
      const bytes = readFileSync(join(dir, path));
      hash.update(`${path}\0${bytes.length}\0`).update(bytes);
    }
  }
  return hash.digest('hex').slice(0, 16);
}
