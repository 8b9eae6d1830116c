// `jobstorm tune`: finds the setting that gives most, in view, and keeps it.

import { loadCommand } from '../perf-test.ts';
import { readTune, type TuneConfig, tuneHelp, tuneSettings } from './tune-settings.ts';

/** Runs `jobstorm tune` from its arguments to its exit code. Never throws. */
export function tune(argv: readonly string[]): Promise<number> {
  let asked: TuneConfig | null = null;
  return loadCommand(
    {
      name: 'tune',
      help: tuneHelp,
      table: tuneSettings,
      read: (args, env) => {
        asked = readTune(args, env);
        return asked;
      },
      loadErrand: async () => {
        const { tuneErrand } = await import('./tune-errand.ts');
        return (errand) => tuneErrand(errand, asked!.tune);
      },
    },
    argv,
  );
}
