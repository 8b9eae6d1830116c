// `jobstorm soak`: hours at a steady rate, and whether anything grows meanwhile.

import { loadCommand } from '../perf-test.ts';
import { readSoak, type SoakConfig, soakHelp, soakSettings } from './soak-settings.ts';

/** Runs `jobstorm soak` from its arguments to its exit code. Never throws. */
export function soak(argv: readonly string[]): Promise<number> {
  let asked: SoakConfig | null = null;
  return loadCommand(
    {
      name: 'soak',
      help: soakHelp,
      table: soakSettings,
      read: (args, env) => {
        asked = readSoak(args, env);
        return asked;
      },
      loadErrand: async () => {
        const { soakErrand } = await import('./soak-errand.ts');
        return (errand) => soakErrand(errand, asked!.soak);
      },
    },
    argv,
  );
}
