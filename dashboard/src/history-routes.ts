// The records of runs over HTTP: a list, each stream as it came, and deletion.

import type { FastifyInstance } from 'fastify';
import type { RunArchive } from './run-archive.ts';

const unknown = { error: 'no run of that id is kept here' };

/** `onChange`: the list is another one now. */
export function addHistory(app: FastifyInstance, archive: RunArchive, onChange: () => void): void {
  app.get('/history', async () => ({ runs: archive.list(), trouble: archive.trouble }));
  app.get<{ Params: { run: string } }>('/history/:run', async (request, reply) => {
    const { run } = request.params;
    const text = await archive.read(run);
    if (text === null) return reply.code(404).send(unknown);
    return reply
      .header('content-disposition', `attachment; filename="${run}.jsonl"`)
      .type('application/x-ndjson; charset=utf-8')
      .send(text);
  });
  app.delete<{ Params: { run: string } }>('/history/:run', async (request, reply) => {
    const removed = await archive.remove(request.params.run);
    if (!removed) return reply.code(404).send(unknown);
    onChange();
    return reply.code(204).send();
  });
}
