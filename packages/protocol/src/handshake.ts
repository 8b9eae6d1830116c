// HI and HELLO: who serves, and who asks.  server `+HI {"v":2,"i":…,"s":"…"}` → client `HELLO {…}` → server `+OK`

import { describeAddress, type ServerAddress } from './address.ts';
import { ConnectionError, ProtocolError } from './error.ts';
import { hashPassword } from './password.ts';

/** What makes a connection one of a worker's: the server lists it and minds its BEATs. */
export interface WorkerIdentity {
  /** At least 8 characters, the same for all connections of one worker process. */
  wid: string;
  hostname: string;
  pid: number;
  labels: readonly string[];
}

interface Greeting {
  salt: string | null;
  iterations: number;
}

function parseGreeting(line: string): Greeting {
  const json = /^HI (\{.*\})$/s.exec(line)?.[1];
  let fields: { v?: unknown; s?: unknown; i?: unknown };
  try {
    fields = JSON.parse(json ?? '');
  } catch {
    throw new ProtocolError(
      `the server's greeting was "${line.slice(0, 60)}"; expected HI {"v":2}: is this a Faktory server?`,
    );
  }
  if (fields.v !== 2) throw new ProtocolError(`the server speaks version ${String(fields.v)} of FWP; expected 2`);
  if (fields.s === undefined) return { salt: null, iterations: 0 };
  if (typeof fields.s !== 'string' || typeof fields.i !== 'number') {
    throw new ProtocolError(`the server's greeting was "${line.slice(0, 60)}"; expected text in s and a number in i`);
  }
  return { salt: fields.s, iterations: fields.i };
}

/**
 * The HELLO line that answers a greeting (the text behind its `+`).
 * @throws ProtocolError when the greeting is none; ConnectionError EPASSWORD when it asks for a password and there is none
 */
export function helloLine(greeting: string, address: ServerAddress, worker: WorkerIdentity | null): string {
  const { salt, iterations } = parseGreeting(greeting);
  const hello: Record<string, unknown> = { v: 2, ...worker };
  if (salt !== null) {
    if (address.password === null) {
      throw new ConnectionError(
        'EPASSWORD',
        `the job server at ${describeAddress(address)} asks for a password and none was given: set FAKTORY_PASSWORD`,
      );
    }
    hello.pwdhash = hashPassword(address.password, salt, iterations);
  }
  return `HELLO ${JSON.stringify(hello)}`;
}
