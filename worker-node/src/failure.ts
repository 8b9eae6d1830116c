// What a handler threw, as FAIL tells it to the server: a type, a message, a backtrace.

import { inspect } from 'node:util';
import type { Failure } from '@jobstorm/protocol';

// The server keeps 50 lines and 1,000 bytes; sending more is waste.
const maxLines = 50;
const maxLineLength = 1000;
const maxMessage = 1000;
const maxErrtype = 100;

/** Anything can be thrown: what is not an Error is shown as it would be in a console. Never throws itself. */
export function describeFailure(thrown: unknown): Failure {
  try {
    return thrown instanceof Error ? describeError(thrown) : describeValue(thrown);
  } catch {
    // A getter or a proxy of the handler's making threw in turn.
    return { errtype: 'NotAnError', message: `the handler threw a ${typeof thrown} that can't be shown` };
  }
}

function describeError(error: Error): Failure {
  const backtrace = typeof error.stack === 'string' ? error.stack.split('\n', maxLines + 1).slice(1) : [];
  return {
    errtype: String(error.name || 'Error').slice(0, maxErrtype),
    message: String(error.message).slice(0, maxMessage),
    backtrace: backtrace.map((line) => line.trim().slice(0, maxLineLength)),
  };
}

function describeValue(thrown: unknown): Failure {
  const shown =
    typeof thrown === 'string'
      ? thrown
      : inspect(thrown, { depth: 2, maxArrayLength: 20, maxStringLength: maxMessage });
  return { errtype: 'NotAnError', message: shown.slice(0, maxMessage) };
}
