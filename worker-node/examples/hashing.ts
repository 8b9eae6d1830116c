// A job that costs CPU on purpose: a password hash takes tens of milliseconds. `scrypt` works in Node's thread pool, so the process
// still hears the job server meanwhile; a core does no more of them for all that, so few slots a core are enough.
//
//   node bin/jobstorm worker 16 --jobs worker-node/examples/hashing.ts
//   args: [password, salt]

import { createHash, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, string, number, Buffer>(scrypt);

export const timeouts = { passwordHash: '30s' };

export async function passwordHash(password: string, salt: string): Promise<string> {
  return (await derive(password, salt, 32)).toString('hex');
}

/** Args: [text]. Short enough to do it in the process itself. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
