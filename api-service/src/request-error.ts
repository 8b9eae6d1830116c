// A request that can't be served, as its caller is told: status, code and one sentence.

import { JobstormError } from '@jobstorm/protocol';
import { retryAfterS } from './limits.ts';

export class RequestError extends JobstormError {
  readonly statusCode: number;

  constructor(statusCode: number, code: string, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.statusCode = statusCode;
  }

  /** Seconds for Retry-After; null: repeating the request won't help. */
  get retryAfterS(): number | null {
    return this.statusCode === 503 ? retryAfterS : null;
  }
}

/** 400: what was sent is not what this route takes. */
export function badRequest(message: string): RequestError {
  return new RequestError(400, 'EBODY', message);
}

/** 400: the job server does not take this job; the sentence is the server's. */
export function refusedByServer(reason: string): RequestError {
  return new RequestError(400, 'EREFUSED', `the job server refused the job: ${reason}`);
}

/** 503: there is no connection to the job server; nothing was sent. */
export function serverAway(): RequestError {
  return new RequestError(503, 'EAWAY', 'the job server is away, nothing was enqueued: try again soon');
}

/** 503: the connection failed between a PUSHB and its answer, so nobody here knows what became of the jobs. */
export function unconfirmed(cause: Error): RequestError {
  const message = `the job server did not confirm the job, it may hold it or not: ${cause.message}`;
  return new RequestError(503, 'EUNCONFIRMED', message, { cause });
}

/** 503: this service already holds as much as it may. */
export function tooBusy(what: string): RequestError {
  return new RequestError(503, 'EBUSY', `this service holds ${what} already, nothing was enqueued: try again soon`);
}
