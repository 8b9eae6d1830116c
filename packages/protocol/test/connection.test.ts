import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type FakeServer, until } from '@jobstorm/testkit';
import {
  Connection,
  ConnectionError,
  type ConnectionOptions,
  type JobstormError,
  ProtocolError,
  type ReplyKind,
  reads,
} from '../src/index.ts';
import { at, echo, outcomes, Stage } from './stage.ts';

async function opened(
  stage: Stage,
  server: FakeServer,
  options: Omit<ConnectionOptions, 'address'> = {},
): Promise<Connection> {
  const connection = await Connection.open({ address: at(server), ...options });
  stage.onEnd(() => {
    connection.destroy();
    return connection.closed;
  });
  return connection;
}

const isError =
  (code: string, kind: new (...args: never[]) => JobstormError = ConnectionError) =>
  (error: unknown) =>
    error instanceof kind && (error as JobstormError).code === code;

test('replies come back to their calls in order', async (t) => {
  const stage = new Stage(t);
  const connection = await opened(stage, await stage.server({ script: echo }));
  const lines = Array.from({ length: 1000 }, (_, i) => `LINE ${i} ${'é😀'.repeat(i % 7)}`);
  const calls = lines.map((line) => connection.call(line));
  assert.equal(connection.pending, 1000);
  assert.deepEqual(await Promise.all(calls), lines);
  assert.equal(connection.pending, 0);
});

test('the same when replies come in pieces of one byte', async (t) => {
  const stage = new Stage(t);
  const script = (line: string) =>
    line.startsWith('HELLO ') ? undefined : { bytes: `$${Buffer.byteLength(line)}\r\n${line}\r\n`, sliceBytes: 1 };
  const connection = await opened(
    stage,
    await stage.server({ greeting: { bytes: '+HI {"v":2}\r\n', sliceBytes: 1 }, script }),
  );
  const lines = ['A 日本', 'B', 'C 😀'];
  assert.deepEqual(await Promise.all(lines.map((line) => connection.call(line))), lines);
});

test('commands of one turn leave together, in the order of sending', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server();
  const connection = await opened(stage, server);
  const chunks: string[] = [];
  server.sockets[0]?.on('data', (chunk) => chunks.push(String(chunk)));
  for (const line of ['A', 'B', 'C']) connection.call(line).catch(() => {});
  await server.waitForLine(/^C$/);
  assert.deepEqual(chunks, ['A\r\nB\r\nC\r\n']);
});

test('each kind of reply reaches the sink as what it is', async (t) => {
  const stage = new Stage(t);
  const answers: Record<string, string> = { A: '+OK\r\n', B: '-ERR no\r\n', C: '$-1\r\n', D: '$0\r\n\r\n' };
  const connection = await opened(stage, await stage.server({ script: (line) => answers[line] }));
  const got: [ReplyKind, string][] = [];
  const sink = {
    onReply: (kind: ReplyKind, text: string) => got.push([kind, text]),
    onError: (error: JobstormError) => assert.fail(error),
  };
  for (const line of ['A', 'B', 'C', 'D']) connection.send(line, sink);
  await until('four replies', () => got.length === 4);
  assert.deepEqual(got, [
    ['simple', 'OK'],
    ['error', 'ERR no'],
    ['nil', ''],
    ['bulk', ''],
  ]);
});

test('call resolves with text or null and rejects with the server error', async (t) => {
  const stage = new Stage(t);
  const answers: Record<string, string> = { A: '+OK\r\n', B: '-ERR no such thing\r\n', C: '$-1\r\n' };
  const connection = await opened(stage, await stage.server({ script: (line) => answers[line] }));
  assert.equal(await connection.call('A'), 'OK');
  await assert.rejects(connection.call('B'), { name: 'ServerError', code: 'ERR', message: 'no such thing' });
  assert.equal(await connection.call('C'), null);
  assert.equal(connection.open, true);
});

test('HELLO says who the worker is', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server();
  await opened(stage, server, { worker: { wid: 'wid-12345678', hostname: 'h', pid: 1, labels: ['x'] } });
  const hello = server.received[0]?.line.slice('HELLO '.length) ?? '';
  assert.deepEqual(JSON.parse(hello), { v: 2, wid: 'wid-12345678', hostname: 'h', pid: 1, labels: ['x'] });
});

test('reads tells when the chunk under a sink was read', async (t) => {
  const stage = new Stage(t);
  const connection = await opened(stage, await stage.server({ script: echo }));
  const before = { ...reads };
  const startMs = performance.now();
  await connection.call('A');
  assert.ok(reads.count > before.count);
  assert.ok(reads.lastMs >= startMs && reads.lastMs <= performance.now());
});

// Deadlines

test('a missed deadline ends the connection and all that is pending, also what has time left', async (t) => {
  const stage = new Stage(t);
  const connection = await opened(
    stage,
    await stage.server({ script: (line) => (line === 'A' ? '+OK\r\n' : undefined) }),
  );
  const calls = ['A', 'B', 'C'].map((line) => connection.call(line, line === 'B' ? 1 : 60_000));
  assert.deepEqual(await outcomes(calls), ['OK', 'ETIMEDOUT', 'ETIMEDOUT']);
  assert.equal((await connection.closed)?.code, 'ETIMEDOUT');
  assert.equal(connection.open, false);
  assert.equal(connection.pending, 0);
});

/** What connections that are opened from now on do every 250 ms, to be done by hand. */
function takeSweeps(t: TestContext): (() => void)[] {
  const sweeps: (() => void)[] = [];
  const real = globalThis.setInterval;
  const taken = t.mock.method(globalThis, 'setInterval', (run: () => void, ms: number) => {
    if (ms === 250) sweeps.push(run);
    return real(ms === 250 ? () => {} : run, ms);
  });
  t.after(() => taken.mock.restore());
  return sweeps;
}

test('a deadline counts from the sweep after the sending, and only while this process runs', async (t) => {
  const stage = new Stage(t);
  const sweeps = takeSweeps(t);
  const server = await stage.server();
  const connection = await opened(stage, server);
  const sweep = async () => {
    sweeps[0]?.();
    await new Promise(setImmediate);
  };
  let ended = false;
  const calls = outcomes([connection.call('A', 250), connection.call('B', 500)]).finally(() => {
    ended = true;
  });
  await server.waitForLine(/^B$/);
  await sweep();
  assert.equal(ended, false);
  assert.equal(connection.open, true);
  await sweep();
  assert.deepEqual(await calls, ['ETIMEDOUT', 'ETIMEDOUT']);
});

test('a server that owes replies and says nothing is given up after the silence, whatever the deadlines', async (t) => {
  const stage = new Stage(t);
  const sweeps = takeSweeps(t);
  const server = await stage.server();
  const connection = await opened(stage, server, { silenceMs: 500 });
  const sweep = async () => {
    sweeps[0]?.();
    await new Promise(setImmediate);
  };
  // Owing nothing, it may be silent for ever.
  for (let i = 0; i < 5; i++) await sweep();
  const calls = ['A', 'B'].map((line) => connection.call(line, 60_000));
  await server.waitForLine(/^B$/);
  await sweep();
  await sweep();
  server.broadcast('+one\r\n');
  assert.equal(await calls[0], 'one');
  // Its silence counts anew.
  await sweep();
  await sweep();
  assert.equal(connection.open, true);
  await sweep();
  assert.deepEqual(await outcomes([calls[1]!]), ['ETIMEDOUT']);
});

test('a reply that lies in the socket when its deadline is found missed is still taken', async (t) => {
  const stage = new Stage(t);
  const sweeps = takeSweeps(t);
  const server = await stage.server();
  const connection = await opened(stage, server);
  const call = connection.call('A', 250);
  await server.waitForLine(/^A$/);
  sweeps[0]?.();
  // As after a stall: the bytes are there, the timers come before they are read.
  setTimeout(() => {
    server.broadcast('+late\r\n');
    sweeps[0]?.();
  }, 0);
  assert.equal(await call, 'late');
  assert.equal(connection.open, true);
});

// Ends

test('a server that closes in mid-reply: all pending get ECLOSED, and so do later calls', async (t) => {
  const stage = new Stage(t);
  const script = (line: string) => (line === 'A' ? { bytes: '$10\r\nhalf', after: 'close' as const } : undefined);
  const connection = await opened(stage, await stage.server({ script }));
  assert.deepEqual(await outcomes(['A', 'B'].map((line) => connection.call(line))), ['ECLOSED', 'ECLOSED']);
  assert.deepEqual(await outcomes([connection.call('C')]), ['ECLOSED']);
  assert.equal((await connection.closed)?.code, 'ECLOSED');
});

test('a reset is told with its code', async (t) => {
  const stage = new Stage(t);
  const script = (line: string) => (line === 'A' ? { after: 'reset' as const } : undefined);
  const connection = await opened(stage, await stage.server({ script }));
  await assert.rejects(connection.call('A'), isError('ECONNRESET'));
});

test('replies before the end still reach their calls', async (t) => {
  const stage = new Stage(t);
  const script = (line: string) =>
    line === 'A' ? { bytes: '+1\r\n-ERR shutdown in progress\r\n', after: 'close' as const } : undefined;
  const connection = await opened(stage, await stage.server({ script }));
  assert.deepEqual(await outcomes(['A', 'B', 'C'].map((line) => connection.call(line))), ['1', 'ERR', 'ECLOSED']);
});

for (const [name, bytes] of [
  ['garbage', 'what?\r\n'],
  ['a body of 1 GB', '$1073741824\r\n'],
  ['a body of -2', '$-2\r\n'],
  ['a body without its end', '$2\r\nabcdef\r\n'],
] as const) {
  test(`${name} is a ProtocolError to all pending, and names the address`, async (t) => {
    const stage = new Stage(t);
    const server = await stage.server({
      script: (line) => (line === 'B' ? bytes : line === 'A' ? '+OK\r\n' : undefined),
    });
    const connection = await opened(stage, server);
    const calls = ['A', 'B', 'C'].map((line) => connection.call(line));
    assert.deepEqual(await outcomes(calls), ['OK', 'EPROTOCOL', 'EPROTOCOL']);
    const reason = await connection.closed;
    assert.ok(reason instanceof ProtocolError);
    assert.match(reason.message, new RegExp(`${server.url} does not answer as a job server: `));
  });
}

test('an endless line is given up', async (t) => {
  const stage = new Stage(t);
  const script = (line: string) => (line === 'A' ? `+${'x'.repeat(200_000)}` : undefined);
  const connection = await opened(stage, await stage.server({ script }));
  await assert.rejects(connection.call('A'), isError('EPROTOCOL', ProtocolError));
});

test('a reply to no command ends it: an error is why the server closes, anything else breaks the protocol', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server();
  const first = await opened(stage, server);
  server.broadcast(`-ERR ${'x'.repeat(5000)}\r\n`);
  const reason = await first.closed;
  assert.equal(reason?.code, 'EREFUSED');
  assert.ok(reason.message.length < 400);
  const second = await opened(stage, server);
  server.broadcast('+OK\r\n');
  assert.ok((await second.closed) instanceof ProtocolError);
});

test('destroy settles all with its error, at any time and more than once', async (t) => {
  const stage = new Stage(t);
  const connection = await opened(stage, await stage.server());
  const mine = new ConnectionError('EMINE', 'on purpose');
  const calls = ['A', 'B'].map((line) => connection.call(line));
  connection.destroy(mine);
  connection.destroy();
  calls.push(connection.call('C'));
  assert.deepEqual(await outcomes(calls), ['EMINE', 'EMINE', 'EMINE']);
  assert.equal(await connection.closed, mine);
  await connection.close();
  await connection.finish();
});

test('a sink that sends again from onError gets one more onError and no more', async (t) => {
  const stage = new Stage(t);
  const connection = await opened(stage, await stage.server());
  let errors = 0;
  const sink = {
    onReply: () => assert.fail('nothing was answered'),
    onError: () => {
      if (++errors === 1) connection.send('B', sink);
    },
  };
  connection.send('A', sink);
  connection.destroy();
  await connection.closed;
  assert.equal(errors, 2);
});

test('close waits for the replies that are due and says END', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: echo });
  const connection = await opened(stage, server);
  const calls = ['A', 'B'].map((line) => connection.call(line));
  const closing = connection.close();
  assert.equal(connection.open, false);
  calls.push(connection.call('C'));
  assert.deepEqual(await outcomes(calls), ['A', 'B', 'ECLOSED']);
  await Promise.all([closing, connection.close()]);
  assert.equal(await connection.closed, null);
  assert.deepEqual(
    server.received.slice(1).map(({ line }) => line),
    ['A', 'B', 'END'],
  );
});

test('finish takes the replies that are due although reading was paused', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: echo });
  const connection = await opened(stage, server);
  connection.pauseReading();
  const call = connection.call('A');
  await connection.finish();
  assert.equal(await call, 'A');
  assert.equal(await connection.closed, null);
  assert.deepEqual(server.linesLike(/END/), []);
});

/** A server that does not mind the end of what it is sent: it answers A by what is given and keeps its side open. */
async function deafToEnd(stage: Stage, answer: string): Promise<FakeServer> {
  const server = await stage.server({
    script: (line) => {
      server.sockets[0]?.removeAllListeners('end');
      return line === 'A' ? answer : undefined;
    },
  });
  return server;
}

for (const way of ['finish', 'close'] as const) {
  test(`${way} does not wait for a server that never answers: the deadline ends it`, async (t) => {
    const stage = new Stage(t);
    const connection = await opened(stage, await deafToEnd(stage, ''));
    const call = connection.call('A', 1);
    const ending = connection[way]();
    assert.deepEqual(await outcomes([call]), ['ETIMEDOUT']);
    await ending;
    assert.equal((await connection.closed)?.code, 'ETIMEDOUT');
  });

  test(`${way} does not wait for a server that owes nothing and never closes`, async (t) => {
    const stage = new Stage(t);
    const connection = await opened(stage, await deafToEnd(stage, '+1\r\n'));
    assert.equal(await connection.call('A'), '1');
    await connection[way]();
    assert.equal(await connection.closed, null);
  });

  test(`${way} while the server goes away rejects what is pending`, async (t) => {
    const stage = new Stage(t);
    const server = await stage.server();
    const connection = await opened(stage, server);
    const call = connection.call('A');
    await server.waitForLine(/^A$/);
    const ending = connection[way]();
    server.dropConnections();
    assert.match(String((await outcomes([call]))[0]), /ECLOSED|ECONNRESET/);
    await ending;
    assert.notEqual(await connection.closed, null);
  });
}
