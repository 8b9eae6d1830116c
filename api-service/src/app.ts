// The HTTP side: routes over what takes jobs in. Knows nothing of sockets to the job server, so tests inject requests into it.

import Fastify, { type FastifyInstance } from 'fastify';
import { answerErrors } from './answer.ts';
import { acceptJson, ajvOptions, bodyMistake } from './body.ts';
import type { Door } from './door.ts';
import { addJobRoutes, type JobRoutes } from './job-routes.ts';
import { maxJobBodyBytes, requestTimeoutMs } from './limits.ts';
import { addStatusRoutes, type StatusRoutes } from './status-routes.ts';

export interface AppOptions extends JobRoutes, StatusRoutes {
  /** One of them is asked of every request but GET /health, as `authorization: Bearer …`; none: nobody is asked. */
  tokens: readonly string[];
  door: Door;
}

/** All routes, ready to listen. */
export function buildApp(options: AppOptions): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: maxJobBodyBytes,
    requestTimeout: requestTimeoutMs,
    ajv: { customOptions: ajvOptions },
    schemaErrorFormatter: bodyMistake,
    routerOptions: { maxParamLength: 2000 },
  });
  acceptJson(app);
  answerErrors(app);
  options.door.guard(app, options.tokens);
  addJobRoutes(app, options);
  addStatusRoutes(app, options);
  return app;
}
