import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from '../src/port.ts';

function listen(port: number): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(() => new Promise((done) => server.close(() => done()))));
  });
}

test('the port can be listened on, and so can the one above when two were asked for', async () => {
  const port = await freePort(2);
  const closeFirst = await listen(port);
  const closeSecond = await listen(port + 1);
  await closeFirst();
  await closeSecond();
});

test('a port in use is never given', async () => {
  const port = await freePort();
  const close = await listen(port);
  for (let i = 0; i < 20; i++) assert.notEqual(await freePort(), port);
  await close();
});
