// The certificate and key that --tls-cert and --tls-key name, read and tried before anything listens.

import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { SettingsError } from '@jobstorm/program';
import type { TlsKeys } from './listener.ts';

interface Paths {
  tlsCert: string | null;
  tlsKey: string | null;
}

function read(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'EUNKNOWN' } = error as NodeJS.ErrnoException;
    throw new SettingsError([`${flag}: ${path} can't be read (${code}); it names a PEM file`]);
  }
}

/**
 * null when neither is given.
 * @throws SettingsError when only one is, when a file can't be read, or when they do not go together
 */
export function readTlsKeys({ tlsCert, tlsKey }: Paths): TlsKeys | null {
  if (tlsCert === null && tlsKey === null) return null;
  if (tlsCert === null || tlsKey === null) {
    throw new SettingsError([
      '--tls-cert and --tls-key belong together: a PEM file with the certificate, one with its key',
    ]);
  }
  const keys = { cert: read('--tls-cert', tlsCert), key: read('--tls-key', tlsKey) };
  try {
    createSecureContext(keys);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError([`${tlsCert} and ${tlsKey} are no certificate in PEM with its key: ${reason}`]);
  }
  return keys;
}
