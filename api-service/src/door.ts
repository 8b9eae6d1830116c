// Who may come in: only those with the token, when there is one, and nobody once the service is closing. Every answer given
// while it closes is the last of its connection, so that connections end by themselves.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from './request-error.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

/** Compares digests, so that the time it takes says nothing about the token. */
function tokenCheck(token: string): (request: FastifyRequest) => boolean {
  const expected = sha256(`Bearer ${token}`);
  return (request) => timingSafeEqual(sha256(request.headers.authorization ?? ''), expected);
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

  /** Asks `token` of every request but GET /health; null: of none. */
  guard(app: FastifyInstance, token: string | null): void {
    const mayPass = token === null ? null : tokenCheck(token);
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
