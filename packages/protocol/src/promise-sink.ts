// A sink for callers that want a promise of one reply.

import { type JobstormError, ServerError } from './error.ts';
import type { ReplyKind, ReplySink } from './reply.ts';

/** Settles a promise with one reply. */
export class PromiseSink implements ReplySink {
  readonly #resolve: (text: string | null) => void;
  readonly #reject: (error: JobstormError) => void;

  constructor(resolve: (text: string | null) => void, reject: (error: JobstormError) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onReply(kind: ReplyKind, text: string): void {
    if (kind === 'error') this.#reject(serverError(text));
    else this.#resolve(kind === 'nil' ? null : text);
  }

  onError(error: JobstormError): void {
    this.#reject(error);
  }
}

/** `CODE text`, as a `-` reply has it, to an error. */
export function serverError(text: string): ServerError {
  const match = /^([A-Z]+) (.*)$/s.exec(text);
  return match ? new ServerError(match[1]!, match[2]!) : new ServerError('ERR', text);
}
