// Who may talk to the api-service and the control room: whoever has JOBSTORM_TOKEN, or who knows the job server's password and so
// could push, fetch and flush jobs anyway. The second is shown as a key made from the password, so that the password itself never
// travels: a worker on another host needs the one secret that it needs for the job server, and no second one.
// Invariant: no secret set and JOBSTORM_OPEN not set means that nothing listens beyond loopback.

import { createHash, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

const keyBytes = 24;
/** A few milliseconds, once at the start: makes guessing a weak password from a key that was seen no cheaper than it has to be. */
const rounds = 20_000;

/** The key that whoever knows the job server's password shows to the api-service and the control room, as a bearer token. */
export function accessKey(password: string): string {
  return pbkdf2Sync(password, 'jobstorm access key', rounds, keyBytes, 'sha256').toString('base64url');
}

/** What a part or the command line sends: the token when it has one, else the key of the password; null: it has neither. */
export function bearerToken(token: string | null, password: string | null): string | null {
  return token ?? (password === null ? null : accessKey(password));
}

/** What an api-service or control room with these secrets takes; empty: it asks nobody. */
export function acceptedTokens(token: string | null, password: string | null): string[] {
  const tokens = token === null ? [] : [token];
  // A password alone opens nothing up and closes nothing off: only a token makes a part ask.
  if (token !== null && password !== null) tokens.push(accessKey(password));
  return tokens;
}

/** Whether `given` is one of these, found in a time that tells nothing about them. */
export function isOneOf(given: string, accepted: readonly string[]): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const own = digest(given);
  return accepted.reduce((found, token) => timingSafeEqual(own, digest(token)) || found, false);
}
