// What the doctor says about secrets: which are set, where, and who can read them. Facts in, findings out; no secret in either.

import { type Finding, fix, ok, warn } from './finding.ts';

export interface SecretFact {
  source: 'environment' | '.env';
  length: number;
}

export interface SecretFacts {
  /** JOBSTORM_OPEN */
  open: boolean;
  /** null: not set. */
  password: SecretFact | null;
  token: SecretFact | null;
  /** Permission bits of `.env`; null: there is none, or this system has none. */
  envMode: number | null;
}

const shortest = 12;

function describe(name: string, fact: SecretFact | null): string {
  return fact === null
    ? `${name} is not set`
    : `${name} is set in ${fact.source === '.env' ? '.env' : 'the environment'}`;
}

export function checkSecrets({ open, password, token, envMode }: SecretFacts): Finding[] {
  const findings: Finding[] = [];
  const text = `${describe('FAKTORY_PASSWORD', password)}, ${describe('JOBSTORM_TOKEN', token)}`;
  if (open) {
    findings.push(
      warn(
        'secrets',
        'JOBSTORM_OPEN is set: whoever reaches a part without a secret is let in',
        'unset it outside of a closed lab',
      ),
    );
  } else if (password === null && token === null) {
    findings.push(ok('secrets', 'none are set: `just server` makes them once and keeps them in .env'));
  } else {
    const weak = password !== null && password.length < shortest;
    findings.push(
      weak
        ? warn(
            'secrets',
            `FAKTORY_PASSWORD has ${password.length} characters, and whoever guesses it runs jobs`,
            `make it longer, ${shortest} at least`,
          )
        : ok('secrets', text),
    );
  }
  const kept = password?.source === '.env' || token?.source === '.env';
  if (kept && envMode !== null) {
    const mode = (envMode & 0o777).toString(8);
    const readable = (envMode & 0o077) !== 0;
    findings.push(
      readable
        ? fix('env-file', `.env holds secrets and others on this machine can read it (mode ${mode})`, 'chmod 600 .env')
        : ok('env-file', `.env is its owner's alone (mode ${mode})`),
    );
  }
  return findings;
}
