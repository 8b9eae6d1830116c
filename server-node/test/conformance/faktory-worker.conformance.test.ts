import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedRound, faktoryWorkerRound } from './faktory-worker-round.ts';
import { startEmbedded, startReal } from './subjects.ts';

test("faktory-worker's Client and Worker see the same on both servers", async (t) => {
  const servers = await Promise.all([startEmbedded({}), startReal({})]);
  t.after(() => Promise.all(servers.map((server) => server.close())));
  const rounds = await Promise.all(servers.map(({ host, port }) => faktoryWorkerRound(`tcp://${host}:${port}`)));
  assert.deepEqual(rounds[0], rounds[1]);
  assert.deepEqual(rounds[1], expectedRound);
});
