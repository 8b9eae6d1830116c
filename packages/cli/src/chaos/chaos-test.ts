// `jobstorm chaos-test`: a run whose workers, and server, are killed on purpose, and what became of its jobs.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { JobstormError } from '@jobstorm/protocol';
import type { ChildPart } from '../child-part.ts';
import { blankEnv } from '../local-server.ts';
import type { Nest } from '../nest.ts';
import { loadCommand } from '../perf-test.ts';
import { type ChaosConfig, chaosHelp, chaosSettings, readChaosTest } from './chaos-settings.ts';
import { ExecutionLog } from './execution-log.ts';

/** The jobs module: beside the bundle when this file is in one, else the source. @throws JobstormError EBUILD */
function jobsModule(): string {
  const own = import.meta.url;
  const path = fileURLToPath(new URL(own.endsWith('.ts') ? './chaos-jobs.ts' : './chaos-jobs.js', own));
  if (!existsSync(path)) throw new JobstormError('EBUILD', `${path} is missing: build first (node bin/prepare.mjs)`);
  return path;
}

/** A server with a journal in `data`, at that port; 0: any free one. */
export function startJournalServer(nest: Nest, data: string, port: number): Promise<ChildPart> {
  return nest.start('server', ['--listen', `127.0.0.1:${port}`, '--web', 'off', '--data', data], blankEnv);
}

/** Runs `jobstorm chaos-test` from its arguments to its exit code. Never throws. */
export async function chaosTest(argv: readonly string[]): Promise<number> {
  const log = new ExecutionLog();
  let asked: ChaosConfig | null = null;
  try {
    return await loadCommand(
      {
        name: 'chaos-test',
        help: chaosHelp,
        table: chaosSettings,
        read: (args, env) => {
          asked = readChaosTest(args, env);
          const workerEnv = { JOBSTORM_CHAOS_LOG: log.folder, JOBSTORM_CHAOS_MS: String(asked.chaos.serviceMs) };
          return { ...asked, ownWorker: { args: ['--jobs', jobsModule()], env: workerEnv } };
        },
        startServer: (nest) => (asked?.chaos.data ? startJournalServer(nest, asked.chaos.data, 0) : null),
        loadErrand: async () => {
          const { chaosErrand } = await import('./chaos-errand.ts');
          return (errand) => chaosErrand(errand, asked!.chaos, log);
        },
      },
      argv,
    );
  } finally {
    log.remove();
  }
}
