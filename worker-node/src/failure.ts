// What a handler threw, as FAIL tells it to the server: a type, a message, a backtrace.

import { inspect } from 'node:util';
import type { Failure } from '@jobstorm/protocol';

// The server keeps 50 lines and 1,000 bytes; sending more is waste.
const maxLines = 50;
const maxMessage = 1000;

/** Anything can be thrown: what is not an Error is shown as it would be in a console. */
export function describeFailure(thrown: unknown): Failure {
  if (thrown instanceof Error) {
    const backtrace = typeof thrown.stack === 'string' ? thrown.stack.split('\n').slice(1, maxLines + 1) : [];
    return {
      errtype: String(thrown.name || 'Error').slice(0, 100),
      message: String(thrown.message).slice(0, maxMessage),
      backtrace: backtrace.map((line) => line.trim()),
    };
  }
  const shown = typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 2 });
  return { errtype: 'NotAnError', message: shown.slice(0, maxMessage) };
}
