import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { watchLeaks } from '../src/leaks.ts';

test('nothing held, nothing found', async () => {
  const watch = watchLeaks();
  assert.deepEqual(watch.found(), []);
  await watch.settle();
});

test('a listener, both ends of a connection and a timer are found, and accepted once they are given back', async () => {
  const watch = watchLeaks();
  const server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection');
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  await accepted;
  const timer = setTimeout(() => {}, 60_000);
  const found = watch.found().sort();
  assert.deepEqual(found, ['1 TCPServerWrap', '1 Timeout', '2 TCPSocketWrap']);
  await assert.rejects(watch.settle(20), /left behind: .*1 TCPServerWrap/);
  clearTimeout(timer);
  socket.destroy();
  server.close();
  await watch.settle();
});

test('a child process is found by its pid', async () => {
  const watch = watchLeaks();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  assert.ok(watch.found().some((leak) => leak === `child process ${child.pid}`));
  child.kill('SIGKILL');
  await watch.settle();
});
