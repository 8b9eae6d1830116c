import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { freePort, until, watchLeaks } from '@jobstorm/testkit';
import {
  Connection,
  ConnectionError,
  type ConnectionOptions,
  type JobstormError,
  ProtocolError,
  ServerError,
} from '../src/index.ts';
import { at, echo, Stage } from './stage.ts';

const isError =
  (code: string, kind: new (...args: never[]) => JobstormError = ConnectionError) =>
  (error: unknown) =>
    error instanceof kind && (error as JobstormError).code === code;

/** The error that opening ends in; nothing is left of the connection then. */
async function refusal(options: ConnectionOptions, signal?: AbortSignal): Promise<JobstormError> {
  const leaks = watchLeaks();
  const error = await Connection.open(options, signal).then(
    () => assert.fail('it opened'),
    (reason: unknown) => reason as JobstormError,
  );
  await leaks.settle();
  return error;
}

test('nobody listens: ECONNREFUSED with the address and what to check', async () => {
  const port = await freePort();
  const error = await refusal({ address: { host: '127.0.0.1', port, password: 's3cret' } });
  assert.equal(error.code, 'ECONNREFUSED');
  assert.match(error.message, new RegExp(`nothing listens at tcp://127.0.0.1:${port}: check`));
  const named = await refusal({ address: { host: 'localhost', port, password: null } });
  assert.equal(named.code, 'ECONNREFUSED');
  assert.match(named.message, /tcp:\/\/localhost:/);
});

test('a server that never greets, or greets and stalls: ETIMEDOUT', async (t) => {
  const stage = new Stage(t);
  const mute = await stage.server({ greeting: null });
  const stalls = await stage.server({ script: () => ({ after: 'stall' }) });
  for (const server of [mute, stalls]) {
    const error = await refusal({ address: at(server), connectTimeoutMs: 50 });
    assert.ok(isError('ETIMEDOUT')(error));
    assert.match(error.message, new RegExp(`${server.url} did not answer as a job server within 50 ms: check`));
  }
});

test('an HTTP server is no job server', async (t) => {
  const stage = new Stage(t);
  const http = createHttpServer().listen(0, '127.0.0.1');
  stage.onEnd(() => http.close());
  await until('listening', () => http.listening);
  const { port } = http.address() as AddressInfo;
  const error = await refusal({ address: { host: '127.0.0.1', port, password: null }, connectTimeoutMs: 50 });
  assert.equal(error.code, 'ETIMEDOUT');
  const impatient = await stage.server({ greeting: { bytes: 'HTTP/1.1 408 Request Timeout\r\n\r\n', after: 'close' } });
  const other = await refusal({ address: at(impatient) });
  assert.ok(other instanceof ProtocolError);
  assert.match(other.message, /does not answer as a job server/);
});

for (const [name, greeting] of [
  ['another protocol', '+PONG\r\n'],
  ['another version', '+HI {"v":9}\r\n'],
  ['no JSON', '+HI {"v":\r\n'],
  ['a body', '$-1\r\n'],
  ['10^9 rounds of hashing', '+HI {"v":2,"i":1000000000,"s":"abc"}\r\n'],
] as const) {
  test(`a greeting of ${name} is a ProtocolError`, async (t) => {
    const stage = new Stage(t);
    const error = await refusal({ address: at(await stage.server({ greeting }), 'pw') });
    assert.ok(error instanceof ProtocolError, String(error));
  });
}

test('a server that closes instead of greeting, or on HELLO: ECLOSED', async (t) => {
  const stage = new Stage(t);
  const first = await stage.server({ greeting: { after: 'close' } });
  const second = await stage.server({ script: () => ({ after: 'close' }) });
  for (const server of [first, second]) assert.equal((await refusal({ address: at(server) })).code, 'ECLOSED');
});

const asking = '+HI {"v":2,"i":5,"s":"abc"}\r\n';

test('a wrong password, or none where one is asked for: EPASSWORD, without the password', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({
    greeting: asking,
    script: () => ({ bytes: '-ERR Invalid password\r\n', after: 'close' }),
  });
  const wrong = await refusal({ address: at(server, 's3cret') });
  assert.ok(isError('EPASSWORD')(wrong));
  assert.match(wrong.message, /did not take the password: check FAKTORY_PASSWORD/);
  const none = await refusal({ address: at(server) });
  assert.ok(isError('EPASSWORD')(none));
  assert.match(none.message, /none was given: set FAKTORY_PASSWORD/);
  assert.doesNotMatch(wrong.message + none.message, /s3cret/);
  assert.equal(server.received.length, 1);
});

test('another refusal of HELLO is the server error that it is', async (t) => {
  const stage = new Stage(t);
  const error = await refusal({ address: at(await stage.server({ script: () => '-ERR not today\r\n' })) });
  assert.ok(error instanceof ServerError);
  assert.equal(error.message, 'not today');
});

test('too many connections: refused right behind the OK', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({
    script: () => ({ bytes: '+OK\r\n-ERR too many connections: 2001\r\n', after: 'close' }),
  });
  const error = await refusal({ address: at(server) });
  assert.ok(isError('EREFUSED')(error), String(error));
  assert.match(error.message, /ended the connection: too many connections: 2001/);
});

test('opening can be given up, before and in the middle', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ greeting: null });
  assert.equal((await refusal({ address: at(server) }, AbortSignal.abort())).code, 'ECLOSED');
  const giveUp = new AbortController();
  const opening = refusal({ address: at(server) }, giveUp.signal);
  await until('the connection', () => server.sockets.some((socket) => !socket.destroyed));
  giveUp.abort();
  assert.equal((await opening).code, 'ECLOSED');
});

test('a signal has no effect on a connection that is open', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: echo });
  const giveUp = new AbortController();
  const connection = await Connection.open({ address: at(server) }, giveUp.signal);
  giveUp.abort();
  assert.equal(await connection.call('A'), 'A');
  await connection.close();
});
