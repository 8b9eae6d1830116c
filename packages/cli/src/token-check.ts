// Whether the api-service that was found takes what this command shows. It is asked before the run: a request that is refused in the
// middle of one would only show as jobs that were not taken.

import { get } from 'node:http';
import { JobstormError } from '@jobstorm/protocol';

/** What a command has to show. */
export interface Secrets {
  token: string | null;
  password: string | null;
}

const withinMs = 5000;

function statusOf(url: URL, bearer: string | null): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
    const asked = get(url, { agent: false, headers, signal: AbortSignal.timeout(withinMs) }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode!));
      response.on('error', reject);
    });
    asked.on('error', reject);
  });
}

/** What to tell people who were turned away: `part` as in "the api-service". */
export function tokenError(part: string, origin: string, { token, password }: Secrets): JobstormError {
  const shown =
    token !== null
      ? `does not take the JOBSTORM_TOKEN that was given: set it to the one of its host's .env`
      : password !== null
        ? "does not take the key of the job server's password that was given: set JOBSTORM_TOKEN to the one of its host's .env"
        : "asks for a token: set JOBSTORM_TOKEN, or FAKTORY_PASSWORD of its job server, to the one of its host's .env";
  return new JobstormError('ETOKEN', `the ${part} at ${origin} ${shown}`);
}

/**
 * Settles when the api-service there takes this bearer token.
 * @throws JobstormError ETOKEN when it does not, EAPI when it gives no answer
 */
export async function checkApiToken(origin: string, bearer: string | null, secrets: Secrets): Promise<void> {
  let status: number;
  try {
    status = await statusOf(new URL('/stats', origin), bearer);
  } catch (error) {
    throw new JobstormError('EAPI', `the api-service at ${origin} gave no answer: ${(error as Error).message}`);
  }
  if (status === 401) throw tokenError('api-service', origin, secrets);
}
