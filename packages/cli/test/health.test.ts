import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freePort } from '@jobstorm/testkit';
import { askHealth, servesPort } from '../src/health.ts';

async function answering(t: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('only the part that was asked for counts, whatever its own state', async (t) => {
  const jobServer = { answers: false, address: 'tcp://faktory:7419' };
  const origin = await answering(t, 503, JSON.stringify({ name: 'jobstorm', part: 'api', jobServer }));
  assert.deepEqual(await askHealth(origin, 'api'), { part: 'api', well: false, jobServer });
  assert.equal(await askHealth(origin, 'dashboard'), null);
});

test('somebody else, or nobody, is no part', async (t) => {
  for (const body of ['{"name":"grafana"}', 'null', '<html>', ''])
    assert.equal(await askHealth(await answering(t, 200, body), 'api'), null);
  assert.equal(await askHealth(`http://127.0.0.1:${await freePort()}`, 'api'), null);
});

test('a part of another server is told by the port', () => {
  assert.equal(servesPort({ answers: true, address: 'tcp://faktory:7419' }, 7419), true);
  assert.equal(servesPort({ answers: true, address: 'tcp://127.0.0.1:7519' }, 7419), false);
  assert.equal(servesPort(null, 7419), true, 'not said');
});
