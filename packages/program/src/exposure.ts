// Whether a part may listen where it was told to. Beyond loopback it needs a secret that callers have to know, or JOBSTORM_OPEN,
// which lets everybody in for a closed lab and is said aloud at every start.

import { parseListen } from './parse.ts';
import { SettingsError } from './settings.ts';
import { isLoopback } from './shared-settings.ts';

export interface Exposure {
  /** Flag → the HOST:PORT that it names; null: it listens nowhere. */
  addresses: Readonly<Record<string, string | null>>;
  /** What callers have to know: its variable, and whether it is set. */
  secret: { name: string; isSet: boolean };
  /** JOBSTORM_OPEN. */
  open: boolean;
}

/**
 * The warning to print at the start when everybody on the network may come in because JOBSTORM_OPEN says so; null: all is closed.
 * @throws SettingsError when others could reach an address, without a secret and without JOBSTORM_OPEN
 */
export function checkExposure({ addresses, secret, open }: Exposure): string | null {
  if (secret.isSet) return null;
  const exposed = Object.entries(addresses).filter(
    ([, given]) => given !== null && !isLoopback(parseListen(given).host),
  );
  if (exposed.length === 0) return null;
  if (open) {
    const where = exposed.map(([flag, given]) => `--${flag} ${given}`).join(' and ');
    return `warning: JOBSTORM_OPEN is set and ${secret.name} is not, so whoever can reach ${where} is let in; for closed labs only`;
  }
  throw new SettingsError(
    exposed.map(
      ([flag, given]) =>
        `--${flag} ${given} can be reached from other machines: set ${secret.name}, which callers then have to know, ` +
        'or listen on 127.0.0.1 (JOBSTORM_OPEN=1 lets everybody in, for a closed lab)',
    ),
  );
}
