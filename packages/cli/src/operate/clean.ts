// `jobstorm clean`: deletes what this checkout left on this host. Invariant: nothing is deleted that was not named and agreed to first.

import { ExitCode, SettingsError } from '@jobstorm/program';
import { forgetCurrent } from '../current.ts';
import { askYes, canAsk } from './ask.ts';
import { cleanHelp, cleanSettings } from './config.ts';
import { openEngines } from './open-engine.ts';
import { type Operation, operate } from './operation.ts';

async function work({ values, dir, env, live }: Operation<typeof cleanSettings>): Promise<number> {
  const engines = await openEngines({ asked: values.engine, dir, env, live });
  const leftovers = (await Promise.all(engines.map((engine) => engine.leftovers()))).flat();
  if (leftovers.length === 0) {
    live.say('this checkout has left nothing here');
    return ExitCode.good;
  }
  if (!values.yes) {
    live.say('this would end and delete, for good:');
    for (const line of leftovers) live.say(`  ${line}`);
    if (!canAsk())
      throw new SettingsError(['there is no terminal to ask on: jobstorm clean --yes deletes all of this']);
    if (!(await askYes('delete all of it?'))) {
      live.say('nothing was deleted');
      return ExitCode.good;
    }
  }
  for (const engine of engines) for (const line of await engine.clean()) live.say(line);
  forgetCurrent(dir);
  return ExitCode.good;
}

/** Runs it from its arguments to its exit code. Never throws. */
export function clean(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'clean', help: cleanHelp, table: cleanSettings, work });
}
