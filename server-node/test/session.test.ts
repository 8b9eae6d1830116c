import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection, rawPasswordHash, until, watchLeaks } from '@jobstorm/testkit';
import { type RunningServer, type ServerOptions, startServer } from '../src/server.ts';
import { FakeClock } from './fake-clock.ts';

async function withServer(
  options: Partial<ServerOptions>,
  work: (server: RunningServer, connect: () => Promise<RawConnection>) => Promise<void>,
): Promise<void> {
  const leaks = watchLeaks();
  const server = await startServer({ host: '127.0.0.1', port: 0, ...options });
  const connections: RawConnection[] = [];
  try {
    await work(server, async () => {
      const connection = await RawConnection.greeted(server);
      connections.push(connection);
      return connection;
    });
  } finally {
    for (const connection of connections) connection.destroy();
    await server.close();
  }
  await leaks.settle();
}

const pushLine = (jid: string, more = '') => `PUSH {"jid":"${jid}","jobtype":"t","queue":"q","args":[]${more}}`;
const jidOf = (reply: string | null) =>
  reply === null || reply === '$-1' ? reply : /"jid":"([^"]*)"/.exec(reply)?.[1];
const working = (server: RunningServer) => server.info().faktory.sets.working;

test('a conversation cut into pieces anywhere is answered the same', async () => {
  await withServer({}, async (_, connect) => {
    const connection = await connect();
    const bytes = Buffer.from(`${pushLine('jid-äöü€')}\r\nFETCH q\nACK {"jid":"jid-äöü€"}\r\nnosuch\n`);
    for (let cut = 1; cut < bytes.length; cut++) {
      connection.send(bytes.subarray(0, cut));
      await new Promise(setImmediate); // two writes that arrive as two chunks now and then as one: both are good
      connection.send(bytes.subarray(cut));
      const replies = [];
      for (let i = 0; i < 4; i++) replies.push(await connection.reply());
      assert.equal(replies[0], '+OK');
      assert.equal(jidOf(replies[1]!), 'jid-äöü€');
      assert.deepEqual(replies.slice(2), ['+OK', '-ERR unknown command nosuch']);
    }
  });
});

test('a held FETCH holds what is behind it, and a job lets it go on', async () => {
  await withServer({}, async (_, connect) => {
    const [worker, producer] = [await connect(), await connect()];
    worker.send('FETCH q\r\nFETCH q\r\nINFO\r\nACK {"jid":"job-00002"}\r\n');
    assert.equal(await producer.call(pushLine('job-00001')), '+OK');
    assert.equal(jidOf(await worker.reply()), 'job-00001');
    assert.equal(await producer.call(pushLine('job-00002')), '+OK');
    assert.equal(jidOf(await worker.reply()), 'job-00002');
    assert.equal(JSON.parse((await worker.reply())!.split('\r\n')[1]!).faktory.sets.working, 2);
    assert.equal(await worker.reply(), '+OK');
  });
});

test('after a half-close every FETCH is answered nil at once, the rest is run, then it closes', async () => {
  // The clock stands still, so no FETCH is ever answered for having waited long enough.
  await withServer({ clock: new FakeClock() }, async (server, connect) => {
    const [worker, producer] = [await connect(), await connect()];
    worker.send(`FETCH q\r\nFETCH q\r\n${pushLine('job-00001')}\r\nFETCH q\r\nBEAT {"wid":"w"}\r\nunfinished`);
    await until('the FETCH to wait', () => server.info().server.command_count === 1);
    worker.halfClose();
    const replies = [];
    for (let i = 0; i < 6; i++) replies.push(await worker.reply());
    assert.deepEqual(replies, ['$-1', '$-1', '+OK', '$-1', '-ERR unknown worker w', null]);
    assert.equal(working(server), 0);
    assert.equal(jidOf(await producer.call('FETCH q')), 'job-00001');
  });
});

test('no job goes to a client that is gone, by a close or by a reset', async () => {
  await withServer({}, async (server, connect) => {
    for (const leave of ['destroy', 'reset'] as const) {
      const [worker, producer] = [await connect(), await connect()];
      const before = server.info().server;
      worker.send('FETCH q\r\n'.repeat(100));
      await until('the FETCH to wait', () => server.info().server.command_count > before.command_count);
      worker[leave]();
      await until('the server to notice', () => server.info().server.connections === before.connections - 1);
      assert.equal(await producer.call(pushLine('job-00001')), '+OK');
      assert.equal(working(server), 0);
      assert.equal(jidOf(await producer.call('FETCH q')), 'job-00001');
      assert.equal(await producer.call('ACK {"jid":"job-00001"}'), '+OK');
    }
  });
});

test('END is not answered, and what follows it is not run', async () => {
  await withServer({}, async (server, connect) => {
    const connection = await connect();
    connection.send(`INFO\r\nEND\r\n${pushLine('job-00001')}\r\n`);
    assert.match((await connection.reply())!, /^\$/);
    assert.equal(await connection.reply(), null);
    assert.equal(server.info().faktory.total_enqueued, 0);
  });
});

test('a line beyond the limit is refused and the connection closed, others go on', async () => {
  await withServer({ maxLineBytes: 100_000 }, async (_, connect) => {
    const [long, other] = [await connect(), await connect()];
    long.send('x'.repeat(100_001));
    assert.match((await long.reply())!, /^-ERR a command line of more than 100000 bytes/);
    assert.equal(await long.reply(), null);
    assert.equal(await other.call(pushLine('job-00001')), '+OK');
  });
});

test('who sends no HELLO is closed without a word: other commands, too much, too late', async () => {
  await withServer({}, async (server) => {
    for (const bytes of ['INFO\r\n', 'HELLO {"v":"2"}\r\n', `HELLO {${' '.repeat(70_000)}`]) {
      const connection = await RawConnection.open(server);
      assert.match((await connection.reply())!, /^\+HI /);
      connection.send(bytes);
      assert.equal(await connection.reply(), null);
      connection.destroy();
    }
    const silent = await RawConnection.open(server);
    assert.match((await silent.reply())!, /^\+HI /);
    assert.equal(await silent.reply(), null);
    silent.destroy();
  });
});

test('a client that does not read its replies is not read, and goes on when it reads', async () => {
  await withServer({}, async (server, connect) => {
    const [reader, producer] = [await connect(), await connect()];
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 200; i++) {
      assert.equal(await producer.call(pushLine(`job-${10_000 + i}`, `,"custom":{"text":"${text}"}`)), '+OK');
    }
    reader.socket.pause();
    reader.send('FETCH q\r\n'.repeat(200));
    const settled = async () => {
      const before = working(server);
      await new Promise((done) => setTimeout(done, 100));
      return before > 0 && working(server) === before;
    };
    await until('the server to stop', settled);
    assert.ok(working(server) < 200, 'jobs stay in their queue while nobody reads');
    assert.equal(await producer.call('BEAT {"wid":"w"}'), '-ERR unknown worker w');
    reader.socket.resume();
    for (let i = 0; i < 200; i++) assert.equal(jidOf(await reader.reply()), `job-${10_000 + i}`);
    assert.equal(working(server), 200);
  });
});

test('a client that never reads its replies is dropped in the end, and disturbs nobody', async () => {
  await withServer({ stalledMs: 50 }, async (server, connect) => {
    const [deaf, producer] = [await connect(), await connect()];
    const text = 'x'.repeat(1_000_000);
    for (let i = 0; i < 30; i++) {
      assert.equal(await producer.call(pushLine(`job-${10_000 + i}`, `,"custom":{"text":"${text}"}`)), '+OK');
    }
    deaf.socket.pause();
    // In pieces, so that each reply is one turn's only one.
    for (let i = 0; i < 30; i++) {
      deaf.send('FETCH q\r\n');
      await new Promise(setImmediate);
    }
    await until('it to be dropped', () => server.info().server.connections === 1);
    assert.match((await producer.call('FETCH q'))!, /^\$\d/);
  });
});

test('jobs of every odd kind are taken and handed out whole, or refused', async () => {
  await withServer({}, async (_, connect) => {
    const connection = await connect();
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    const whole = [
      '[{"__proto__":{"a":1},"constructor":{"prototype":1}}]',
      nested(9_999),
      '["\\u0000",""," ","\\\\","\\""]',
      '["😀","\\ud83d\\ude00","ä"]',
    ];
    for (const args of whole) {
      const line = `PUSH {"jid":"__proto__","jobtype":"t","queue":"__proto__","args":${args}}`;
      assert.equal(await connection.call(line), '+OK');
      const reply = (await connection.call('FETCH __proto__'))!;
      const body = reply.slice(reply.indexOf('\r\n') + 2);
      assert.equal(Number(reply.slice(1, reply.indexOf('\r\n'))), Buffer.byteLength(body));
      const sent = /"args":(.*)\}$/s.exec(body)![1]!;
      if (args === whole[1]) assert.equal(sent, args);
      else assert.deepEqual(JSON.parse(sent), JSON.parse(args));
      assert.equal(await connection.call('ACK {"jid":"__proto__"}'), '+OK');
    }
    const deep = await connection.call(`PUSH {"jid":"12345678","jobtype":"t","args":${nested(10_000)}}`);
    assert.match(deep!, /^-ERR invalid JSON: /);
    const mixed = `PUSHB [{"jid":"12345678","jobtype":"t","args":[1]},{"jid":"__proto__","jobtype":"t","args":${nested(20_000)}}]`;
    assert.match((await connection.call(mixed))!, /^\$\d+\r\n\{"__proto__":"invalid JSON: /);
    assert.equal(jidOf(await connection.call('FETCH default')), '12345678');
  });
});

test('one PUSHB of 100,000 jobs', async () => {
  await withServer({}, async (server, connect) => {
    const connection = await connect();
    const jobs = Array.from(
      { length: 100_000 },
      (_, i) => `{"jid":"job-${100_000 + i}","jobtype":"t","args":[${i}],"queue":"q"}`,
    );
    assert.equal(await connection.call(`PUSHB [${jobs}]`), '$2\r\n{}');
    assert.equal(server.info().faktory.total_enqueued, 100_000);
    assert.equal(jidOf(await connection.call('FETCH q')), 'job-100000');
  });
});

test('a password is checked beside the work of others; commands sent behind HELLO wait for it', async () => {
  await withServer({ password: 'secret' }, async (server) => {
    const inside = await RawConnection.greeted(server, {}, 'secret');
    const comers = [];
    for (let i = 0; i < 40; i++) comers.push(await RawConnection.open(server));
    const answers = comers.map((each) => each.greet({}, 'secret'));
    const order: string[] = [];
    void Promise.all(answers).then(() => order.push('all are in'));
    await answers[0];
    assert.equal(await inside.call(pushLine('job-00001')), '+OK');
    order.push('the one inside was served');
    assert.deepEqual(await Promise.all(answers), new Array(40).fill('+OK'));
    assert.equal(order[0], 'the one inside was served');
    const hasty = await RawConnection.open(server);
    const { s, i } = JSON.parse((await hasty.reply())!.slice('+HI '.length)) as { s: string; i: number };
    hasty.send(`HELLO {"v":2,"pwdhash":"${rawPasswordHash('secret', s, i)}"}\r\nFETCH q\r\nEND\r\n`);
    assert.equal(await hasty.reply(), '+OK');
    assert.equal(jidOf(await hasty.reply()), 'job-00001');
    assert.equal(await hasty.reply(), null);
    const left = await RawConnection.open(server);
    await left.reply();
    left.send(`HELLO {"v":2}\r\n${pushLine('job-00002')}\r\n`);
    left.halfClose();
    assert.equal(await left.reply(), '-ERR Invalid password');
    assert.equal(await left.reply(), null);
    assert.equal(server.info().faktory.total_enqueued, 0);
    for (const connection of [inside, hasty, left, ...comers]) connection.destroy();
  });
});
