import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeServer, until } from '@jobstorm/testkit';
import { Connection, type ReplyKind } from '../src/index.ts';
import { at, echo, outcomes, Stage } from './stage.ts';

async function opened(stage: Stage, server: FakeServer): Promise<Connection> {
  const connection = await Connection.open({ address: at(server) });
  stage.onEnd(() => {
    connection.destroy();
    return connection.closed;
  });
  return connection;
}

test('replies wait while reading is paused, and come after it', async (t) => {
  const stage = new Stage(t);
  const connection = await opened(stage, await stage.server({ script: echo }));
  assert.equal(await connection.call('A'), 'A');
  connection.pauseReading();
  connection.pauseReading();
  let answered = false;
  const call = connection.call('B').then((text) => {
    answered = true;
    return text;
  });
  const other = await opened(stage, await stage.server({ script: echo }));
  for (let i = 0; i < 20; i++) await other.call('X');
  assert.equal(answered, false);
  connection.resumeReading();
  connection.resumeReading();
  assert.equal(await call, 'B');
});

test('paused from within a sink, it stops before the next chunk', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: (line) => (line === 'A' ? '+1\r\n' : undefined) });
  const connection = await opened(stage, server);
  const got: string[] = [];
  const sink = {
    onReply: (_kind: ReplyKind, text: string) => {
      got.push(text);
      connection.pauseReading();
    },
    onError: () => {},
  };
  connection.send('A', sink);
  connection.send('B', sink);
  await until('the first reply', () => got.length === 1);
  server.broadcast('+2\r\n');
  const other = await opened(stage, await stage.server({ script: echo }));
  for (let i = 0; i < 20; i++) await other.call('X');
  assert.deepEqual(got, ['1']);
  connection.resumeReading();
  await until('the second', () => got.length === 2);
});

test('a server that reads slowly makes it congested, until it has read', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: (line) => (line.startsWith('P ') ? '+OK\r\n' : undefined) });
  const connection = await opened(stage, server);
  assert.equal(connection.congested, false);
  await connection.drained();
  server.sockets[0]?.pause();
  const line = `P ${'x'.repeat(1_000_000)}`;
  const calls: Promise<unknown>[] = [];
  // More than the buffers of the system take.
  for (let i = 0; i < 30; i++) calls.push(connection.call(line));
  assert.equal(connection.congested, true);
  let drained = false;
  const waiting = connection.drained().then(() => {
    drained = true;
  });
  const other = await opened(stage, await stage.server({ script: echo }));
  for (let i = 0; i < 20; i++) await other.call('X');
  assert.equal(drained, false);
  server.sockets[0]?.resume();
  await waiting;
  assert.equal(connection.congested, false);
  assert.deepEqual(new Set(await Promise.all(calls)), new Set(['OK']));
});

test('what the system takes at once drains as well', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: (line) => (line.startsWith('P ') ? '+OK\r\n' : undefined) });
  const connection = await opened(stage, server);
  const call = connection.call(`P ${'x'.repeat(1_100_000)}`);
  assert.equal(connection.congested, true);
  await connection.drained();
  assert.equal(connection.congested, false);
  assert.equal(await call, 'OK');
});

test('whoever waits for drained hears of the end too', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server();
  const connection = await opened(stage, server);
  server.sockets[0]?.pause();
  const call = connection.call('x'.repeat(30_000_000));
  const waiting = connection.drained();
  connection.destroy();
  await waiting;
  assert.deepEqual(await outcomes([call]), ['ECLOSED']);
});
