// The two secrets of a cluster: the job server's password, and the token of the api-service and the control room.
// Invariant: each is made once; one that is set, in the environment or in `.env`, is never replaced.

import { randomBytes } from 'node:crypto';

export interface Secrets {
  /** null only when the cluster is open. */
  password: string | null;
  token: string | null;
}

export interface SecretsPlan extends Secrets {
  /** What has to be kept in `.env`, by variable; empty: nothing was made. */
  made: Record<string, string>;
}

const secretBytes = 24;

const random = () => randomBytes(secretBytes).toString('base64url');

/** `open`: none, whatever is set. */
export function planSecrets(known: Secrets, open: boolean, make: () => string = random): SecretsPlan {
  if (open) return { password: null, token: null, made: {} };
  const made: Record<string, string> = {};
  if (known.password === null) made.FAKTORY_PASSWORD = make();
  if (known.token === null) made.JOBSTORM_TOKEN = make();
  return {
    password: known.password ?? made.FAKTORY_PASSWORD!,
    token: known.token ?? made.JOBSTORM_TOKEN!,
    made,
  };
}
