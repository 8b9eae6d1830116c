// Other people's clients of a real Faktory, to lay our worker beside: faktory_worker_go, built from the Go module proxy, and the load
// tool that comes with Faktory. What a machine can't build or does not have is left out, and said.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { realFaktoryPath } from '@jobstorm/testkit';
import { scratchPath } from './part.ts';

/** The program that takes a number of goroutines; null: there is no Go here, or no modules. */
export function buildGoWorker(note: (line: string) => void): string | null {
  const cwd = fileURLToPath(new URL('go-worker', import.meta.url));
  const path = scratchPath('go-worker');
  const built = spawnSync('go', ['build', '-mod=readonly', '-o', path, '.'], { cwd, encoding: 'utf8' });
  if (built.status === 0) return path;
  note(`faktory_worker_go is left out: ${built.error?.message ?? built.stderr.trim().split('\n').at(-1)}`);
  return null;
}

/** Faktory's own load tool: `go build github.com/contribsys/faktory/test/load`, beside the server's program. */
export function loadToolPath(note: (line: string) => void): string | null {
  const path = join(dirname(realFaktoryPath() ?? '.'), 'load');
  if (existsSync(path)) return path;
  note(`Faktory's load tool is left out: there is no ${path}`);
  return null;
}
