// `jobstorm logs`: what this checkout's parts said.

import { logsHelp, logsSettings } from './config.ts';
import { openEngine } from './open-engine.ts';
import { type Operation, operate } from './operation.ts';

async function work({ values, dir, env, live }: Operation<typeof logsSettings>): Promise<number> {
  const engine = await openEngine({ asked: values.engine, dir, env, live });
  return engine.logs(values.part, values.follow);
}

/** Runs it from its arguments to its exit code. Never throws. */
export function logs(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'logs', help: logsHelp, table: logsSettings, work });
}
