import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { directSink } from '../src/direct-sink.ts';
import { makeJobTexts } from '../src/job-text.ts';
import { aPlan } from './fixtures.ts';

test('jobs arrive in their queue, refused ones are counted with the server’s reason', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0 });
  const address = parseServerUrl(server.url);
  const plan = aPlan();
  const texts = makeJobTexts(plan);
  const sink = await directSink({ address, plan, texts });
  assert.deepEqual(await sink.send(0, 3, () => 9), { accepted: 3, refused: new Map() });
  const client = await Client.connect({ address });
  const job = await client.fetch(['jobstorm']);
  assert.deepEqual([job?.jid, job?.custom, job?.reserve_for], ['r1test.0', { run: 'r1test', seq: 0, due: 9 }, 60]);
  await client.close();
  await sink.close();

  const bad = await directSink({ address, plan, texts: makeJobTexts(aPlan({ queue: 'no queue' })) });
  const outcome = await bad.send(0, 2, () => 9);
  assert.ok('accepted' in outcome);
  assert.equal(outcome.accepted, 0);
  assert.equal(
    [...outcome.refused.values()].reduce((a, b) => a + b),
    2,
  );
  await bad.close();
  await server.close();
});
