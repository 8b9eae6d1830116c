// Who may come in: only those with one of its tokens, when there is one, and nobody once the service is closing. Every answer given
// while it closes is the last of its connection, so that connections end by themselves.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from './request-error.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Compares digests, made once, so that the time it takes says nothing about the tokens. */
function tokenCheck(tokens: readonly string[]): (request: FastifyRequest) => boolean {
  const expected = tokens.map((token) => sha256(`Bearer ${token}`));
  return (request) => {
    const given = sha256(request.headers.authorization ?? '');
    return expected.reduce((found, token) => timingSafeEqual(given, token) || found, false);
  };
}

function wrongToken(): RequestError {
  const message = 'this service asks for "authorization: Bearer TOKEN", where TOKEN is its JOBSTORM_TOKEN';
  return new RequestError(401, 'ETOKEN', message);
}

export class Door {
  #closed = false;

  close(): void {
    this.#closed = true;
  }

  /** Asks one of `tokens` of every request but GET /health; without any, of none. */
  guard(app: FastifyInstance, tokens: readonly string[]): void {
    const mayPass = tokens.length === 0 ? null : tokenCheck(tokens);
    app.addHook('onRequest', (request, _reply, next) => {
      if (this.#closed)
        next(new RequestError(503, 'ECLOSING', 'this service is stopping: ask another one, or again soon'));
      else if (mayPass === null || request.routeOptions.url === '/health' || mayPass(request)) next();
      else next(wrongToken());
    });
    app.addHook('onSend', (_request, reply, payload, next) => {
      if (this.#closed) reply.header('connection', 'close');
      next(null, payload);
    });
  }
}
