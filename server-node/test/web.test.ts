import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../src/server.ts';

const local = { host: '127.0.0.1', port: 0 };

test('/stats is the INFO document, /health the short one', async () => {
  const server = await startServer({ ...local, web: local });
  const stats = await fetch(`${server.webUrl}/stats`);
  assert.equal(stats.headers.get('content-type'), 'application/json');
  assert.equal(stats.headers.get('cache-control'), 'no-cache');
  const document = (await stats.json()) as object;
  assert.deepEqual(Object.keys(document), ['now', 'server_utc_time', 'faktory', 'server']);
  const health = (await (await fetch(`${server.webUrl}/health`)).json()) as { server: object };
  assert.deepEqual(Object.keys(health), ['now', 'server']);
  assert.deepEqual(Object.keys(health.server).sort(), [
    'command_count',
    'connections',
    'description',
    'faktory_version',
  ]);
  assert.equal((await fetch(`${server.webUrl}/nosuch`)).status, 404);
  await server.close();
});

test('with a password all but /health asks for it', async () => {
  const server = await startServer({ ...local, web: local, password: 'se:cret' });
  const get = (path: string, credentials?: string) =>
    fetch(`${server.webUrl}${path}`, {
      headers: credentials ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } : {},
    });
  assert.equal((await get('/health')).status, 200);
  const asked = await get('/stats');
  assert.deepEqual([asked.status, asked.headers.get('www-authenticate')], [401, 'Basic realm="Faktory"']);
  assert.equal((await asked.text()).trim(), 'Authorization required');
  const failed = await get('/stats', 'anyone:wrong');
  assert.deepEqual([failed.status, (await failed.text()).trim()], [401, 'Authorization failed']);
  assert.equal((await get('/stats', 'anyone:se:cret')).status, 200);
  await server.close();
});
