// What clients can send, on purpose or not, to hurt the server or each other: each is answered with an error or a close, and the
// others go on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection, until } from '@jobstorm/testkit';
import { globTest } from '../src/glob.ts';
import { type RunningServer, startServer } from '../src/server.ts';
import { FakeClock } from './fake-clock.ts';

const local = { host: '127.0.0.1', port: 0 };

async function withServer(
  work: (server: RunningServer, connection: RawConnection) => Promise<void>,
  options = {},
): Promise<void> {
  const server = await startServer({ ...local, ...options });
  const connection = await RawConnection.greeted(server);
  try {
    await work(server, connection);
  } finally {
    connection.destroy();
    await server.close();
  }
}

const push = (jid: string, more: object = {}) =>
  `PUSH ${JSON.stringify({ jid, jobtype: 't', queue: 'q', args: [], ...more })}`;

test('a line of more than 64 MiB is refused, and what comes behind it is not kept', async () => {
  await withServer(async (server, connection) => {
    const long = await RawConnection.greeted(server);
    const piece = Buffer.alloc(4 * 1024 * 1024, 'x');
    for (let i = 0; i < 16; i++) long.send(piece);
    long.send('x');
    assert.match((await long.reply(30_000))!, /^-ERR a command line of more than 67108864 bytes/);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 32; i++) long.send(piece);
    assert.equal(await long.reply(30_000), null);
    assert.equal(await connection.call(push('job-00001')), '+OK');
    assert.ok(process.memoryUsage().arrayBuffers - before < 192 * 1024 * 1024, 'it does not pile up');
    long.destroy();
  });
});

test('JSON nested without end is refused by every command, and costs no stack', async () => {
  await withServer(async (_, connection) => {
    const deep = (levels: number) => '['.repeat(levels);
    for (const levels of [100_000, 3_000_000]) {
      for (const [line, answer] of [
        [`PUSH {"args":${deep(levels)}`, /^-ERR invalid JSON: /],
        [`PUSHB ${deep(levels)}`, /^-ERR invalid JSON: /],
        [`ACK {"jid":${deep(levels)}`, /^-ERR invalid ACK /],
        [`FAIL {"backtrace":${deep(levels)}`, /^-ERR invalid FAIL /],
        [`BEAT ${deep(levels)}${']'.repeat(levels)}`, /^-ERR invalid BEAT /],
        [`MUTATE {"filter":${deep(levels)}`, /^-ERR /],
      ] as const) {
        assert.match((await connection.call(line, 30_000))!, answer);
      }
    }
    assert.equal(await connection.call(push('job-00001')), '+OK');
  });
});

test('an error that echoes text of a client stays one line of bounded length', async () => {
  await withServer(async (server, connection) => {
    const evil = 'x\r\n+OK\r\n$5\r\nhello';
    for (const line of [
      `FAIL ${JSON.stringify({ jid: evil })}`,
      `BEAT ${JSON.stringify({ wid: evil })}`,
      `PUSH ${JSON.stringify({ jid: 'job-00001', jobtype: 't', args: [], at: evil })}`,
      `PUSH ${JSON.stringify({ jid: 'job-00001', jobtype: 't', args: [], queue: evil })}`,
      'NO\rSUCH\rVERB',
      'QUEUE no\rsuch\rthing',
      `ACK "${'x'.repeat(1_000_000)}`,
      `${'V'.repeat(1_000_000)}`,
    ]) {
      const reply = (await connection.call(line))!;
      assert.match(reply, /^-ERR [^\r\n]*$/);
      assert.ok(reply.length < 5000, `${reply.length} characters`);
      // The next reply is the next command's.
      assert.equal(await connection.call('QUEUE LATENCY'), '$2\r\n{}');
    }
    assert.equal(server.info().faktory.total_enqueued, 0);
  });
});

test('bytes that are no UTF-8 are taken as U+FFFD wherever they stand', async () => {
  await withServer(async (_, connection) => {
    const odd = Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
    const send = async (before: string, after: string) => {
      connection.send(Buffer.concat([Buffer.from(before), odd, Buffer.from(`${after}\r\n`)]));
      return (await connection.reply())!;
    };
    assert.equal(await send('PUSH {"jid":"job-', '","jobtype":"t","args":[]}'), '+OK');
    const job = await connection.call('FETCH default');
    assert.match(job!, /"jid":"job-\ufffd/);
    assert.equal(await send('ACK {"jid":"job-', '"}'), '+OK');
    assert.match(await send('FAIL {"jid":"job-', '"}'), /^-ERR Job not found job-\ufffd/);
    assert.match(await send('', ''), /^-ERR unknown command \ufffd/);
    assert.match(await send('FETCH ', '\r\nQUEUE LATENCY'), /^\$-1/);
  });
});

test("names of JavaScript's own are names like any other, for queues, jids, workers and keys", async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
  await withServer(async (server, connection) => {
    for (const name of names) {
      const worker = await RawConnection.greeted(server, { wid: name });
      assert.equal(await worker.call(`BEAT {"wid":"${name}"}`), '+OK');
      const jid = name.padEnd(8, '_');
      assert.equal(await worker.call(push(jid, { queue: name })), '+OK');
      assert.match((await worker.call(`QUEUE LATENCY ${name}`))!, new RegExp(`"${name}":\\d`));
      assert.match((await worker.call('INFO'))!, new RegExp(`"${name}":1`));
      assert.match((await worker.call(`FETCH ${name}`))!, new RegExp(`"jid":"${jid}"`));
      assert.equal(await worker.call(`ACK {"jid":"${jid}"}`), '+OK');
      assert.equal(await worker.call(`FAIL {"jid":"${jid}"}`), `-ERR Job not found ${jid}`);
      assert.equal(await worker.call(`QUEUE REMOVE ${name}`), '+OK');
      assert.match((await worker.call(`PUSH {"${name}":1}`))!, /^-ERR jobs must have a reasonable jid/);
      assert.equal(await worker.call(`MUTATE {"cmd":"${name}"}`), '-ERR unknown mutate operation');
      assert.equal(await worker.call(name), `-ERR unknown command ${name}`);
      worker.destroy();
    }
    assert.equal(
      await connection.call(`MUTATE {"cmd":"kill","target":"__proto__"}`),
      '-ERR invalid target for mutation command',
    );
    assert.equal(({} as Record<string, unknown>).jid, undefined);
  });
});

test('a glob of many stars looks at each character a bounded number of times', () => {
  // Backtracking over all stars would take more than 10^20 steps here.
  const pattern = `${'*a'.repeat(30)}*b`;
  assert.ok(!globTest(pattern)('a'.repeat(20_000)));
  assert.ok(globTest(pattern)(`${'a'.repeat(20_000)}b`));
  assert.ok(!globTest(`${'[a-z]*'.repeat(30)}!`)('q'.repeat(20_000)));
});

test('a clock that is set forward or back moves dates, and no reservation, wait or heartbeat', async () => {
  const clock = new FakeClock();
  await withServer(
    async (server, connection) => {
      const day = 24 * 3600 * 1000;
      const worker = await RawConnection.greeted(server, { wid: 'w-0000001' });
      const sets = () => server.info().faktory.sets;
      assert.equal(await worker.call(push('job-00001', { reserve_for: 60, retry: 25 })), '+OK');
      assert.equal(await worker.call(push('job-later', { at: '2026-01-02T12:00:00Z' })), '+OK');
      assert.match((await worker.call('FETCH q'))!, /job-00001/);
      worker.send('FETCH nothing\r\n');
      await until('the FETCH to wait', () => server.info().server.command_count === 4);
      clock.step(-day);
      clock.advance(1000);
      assert.equal(await connection.call('QUEUE LATENCY nosuch'), '$20\r\n{"nosuch":0}'.replace('$20', '$12'));
      assert.deepEqual([sets().working, sets().scheduled], [1, 1]);
      clock.step(2 * day);
      await until('the date to come', () => sets().scheduled === 0);
      assert.deepEqual([sets().working, sets().retries], [1, 0]);
      assert.equal(server.info().faktory.tasks.Workers.size, 1);
      assert.equal(worker.unread.length, 0);
      clock.advance(1500);
      assert.equal(await worker.reply(), '$-1');
      clock.step(-2 * day);
      clock.advance(58_000);
      await until('the reservation to end', () => sets().retries === 1);
      worker.destroy();
    },
    { clock },
  );
});
