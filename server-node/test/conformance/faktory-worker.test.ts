import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedRound, faktoryWorkerRound } from './faktory-worker-round.ts';
import { startEmbedded } from './subjects.ts';

for (const password of [null, 'pass word']) {
  test(`faktory-worker's Client and Worker work against the embedded server${password ? ' with a password' : ''}`, async (t) => {
    const server = await startEmbedded({ password });
    t.after(() => server.close());
    const secret = password === null ? '' : `:${encodeURIComponent(password)}@`;
    assert.deepEqual(await faktoryWorkerRound(`tcp://${secret}${server.host}:${server.port}`), expectedRound);
  });
}
