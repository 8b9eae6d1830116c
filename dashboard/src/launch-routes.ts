// Starting and stopping runs over HTTP. What is refused is answered in one sentence.

import { JobstormError } from '@jobstorm/protocol';
import type { FastifyInstance } from 'fastify';
import type { RunLauncher } from './run-launcher.ts';

const statusOf: Record<string, number> = { EMESSAGE: 400, EBUSY: 409, ENOPROGRAM: 501 };

export function addLaunching(app: FastifyInstance, launcher: RunLauncher): void {
  app.post<{ Body: { command?: unknown; flags?: unknown } | null }>('/start', async (request, reply) => {
    try {
      return launcher.start(request.body ?? {});
    } catch (error) {
      const status = error instanceof JobstormError ? statusOf[error.code] : undefined;
      if (status === undefined) throw error;
      return reply.code(status).send({ error: (error as Error).message });
    }
  });
  app.post('/stop', async (_request, reply) => {
    if (launcher.stop()) return reply.code(202).send({});
    return reply.code(409).send({ error: 'no run goes on that was started from a page' });
  });
}
