// Password hashing of FWP's handshake: SHA-256 over password + salt, then over its own raw digest, `iterations` rounds in all
// (https://github.com/contribsys/faktory/blob/main/docs/protocol-specification.md).

import { createHash } from 'node:crypto';
import { ProtocolError } from './error.ts';

/** Real servers ask for 4,000 to 8,095 rounds. More than this would only be meant to keep a client busy. */
export const maxIterations = 100_000;

/**
 * The `pwdhash` of HELLO, lower-case hex.
 * @throws ProtocolError when the count of rounds is not a whole number from 1 to `maxIterations`
 */
export function hashPassword(password: string, salt: string, iterations: number): string {
  if (!Number.isInteger(iterations) || iterations < 1 || iterations > maxIterations) {
    throw new ProtocolError(
      `the server asks for ${iterations} rounds of password hashing; expected 1 to ${maxIterations}`,
    );
  }
  let digest = createHash('sha256').update(password).update(salt).digest();
  for (let round = 1; round < iterations; round++) digest = createHash('sha256').update(digest).digest();
  return digest.toString('hex');
}
