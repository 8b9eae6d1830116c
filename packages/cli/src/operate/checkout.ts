// Which checkout a command works on, and the names that belong to it: several can live on one host.

import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SettingsError } from '@jobstorm/program';

export type ProjectSide = 'server' | 'worker';

export const composeFiles: Readonly<Record<ProjectSide, string>> = {
  server: 'docker-compose.server.yml',
  worker: 'docker-compose.worker.yml',
};

const isCheckout = (dir: string) =>
  existsSync(join(dir, composeFiles.server)) && existsSync(join(dir, composeFiles.worker));

/** The folders above a file, the nearest first. */
function* above(path: string): Generator<string> {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    yield dir;
    if (dir === dirname(dir)) return;
  }
}

/**
 * The checkout: the working directory when it is one, else the one that this program is from.
 * @throws SettingsError when neither is
 */
export function findCheckout(cwd: string = process.cwd(), own: string = fileURLToPath(import.meta.url)): string {
  if (isCheckout(cwd)) return realpathSync(cwd);
  for (const dir of above(own)) if (isCheckout(dir)) return realpathSync(dir);
  throw new SettingsError([
    `${cwd} is no checkout of jobstorm (it has no ${composeFiles.server}): run this in one, or with its justfile`,
  ]);
}

/** The compose project of one side: `jobstorm-3fa2c1-worker`. `dir` is the checkout's real path. */
export function projectName(dir: string, side: ProjectSide): string {
  return `jobstorm-${createHash('sha256').update(dir).digest('hex').slice(0, 6)}-${side}`;
}
