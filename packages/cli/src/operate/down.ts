// `jobstorm down`: ends this checkout's parts on this host.

import { ExitCode } from '@jobstorm/program';
import { forgetCurrent, readCurrent } from '../current.ts';
import { downHelp, downSettings } from './config.ts';
import { openEngines } from './open-engine.ts';
import { type Operation, operate } from './operation.ts';

async function work({ values, dir, env, live }: Operation<typeof downSettings>): Promise<number> {
  const side = values.side ?? 'all';
  const ended: string[] = [];
  for (const engine of await openEngines({ asked: values.engine, dir, env, live }))
    ended.push(...(await engine.down(side)));
  live.clear();
  // A server elsewhere goes on without this checkout's worker.
  if (side !== 'worker' && readCurrent(dir)?.by === 'server') forgetCurrent(dir);
  for (const line of ended) live.say(line);
  if (ended.length === 0) live.say(`nothing of this checkout${side === 'all' ? '' : `'s ${side} side`} runs here`);
  return ExitCode.good;
}

/** Runs it from its arguments to its exit code. Never throws. */
export function down(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'down', help: downHelp, table: downSettings, work });
}
