import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FakeServer } from '../src/fake-server.ts';
import { FaultProxy } from '../src/fault-proxy.ts';
import { watchLeaks } from '../src/leaks.ts';
import { RawConnection } from '../src/raw-connection.ts';
import { until } from '../src/until.ts';

async function echoing(t: TestContext): Promise<{ fake: FakeServer; proxy: FaultProxy }> {
  const fake = await FakeServer.start({ script: (line) => (line.startsWith('HELLO') ? undefined : `+${line}\r\n`) });
  const proxy = await FaultProxy.start(fake);
  t.after(async () => {
    await proxy.close();
    await fake.close();
  });
  return { fake, proxy };
}

test('healthy it passes everything on, ends included', async (t) => {
  const { fake, proxy } = await echoing(t);
  const connection = await RawConnection.greeted(proxy);
  assert.equal(await connection.call('one'), '+one');
  connection.halfClose();
  assert.equal(await connection.reply(), null);
  await until('the link to go', () => proxy.connections === 0);
  assert.equal(fake.sockets.length, 1);
});

test('latency keeps the order', async (t) => {
  const { proxy } = await echoing(t);
  const connection = await RawConnection.greeted(proxy);
  proxy.latencyMs = 20;
  connection.send('one\r\n');
  const first = connection.reply();
  await until('the first to be on its way', () => connection.socket.writableLength === 0);
  proxy.latencyMs = 0;
  connection.send('two\r\n');
  assert.equal(await first, '+one');
  assert.equal(await connection.reply(), '+two');
  connection.destroy();
});

test('a round trip is shared out between the ways, and adds up', async (t) => {
  const { proxy } = await echoing(t);
  const connection = await RawConnection.greeted(proxy);
  proxy.roundTripMs = 5;
  const beganMs = performance.now();
  const asked = Array.from({ length: 200 }, (_, i) => `line-${i}`);
  connection.send(`${asked.join('\r\n')}\r\n`);
  for (const line of asked) assert.equal(await connection.reply(), `+${line}`);
  assert.ok(performance.now() - beganMs >= 4);
  connection.halfClose();
  assert.equal(await connection.reply(), null);
  connection.destroy();
});

test('slices change nothing but the pieces', async (t) => {
  const { proxy } = await echoing(t);
  proxy.sliceBytes = 1;
  const connection = await RawConnection.greeted(proxy);
  const line = 'm\u00f6glich '.repeat(50);
  assert.equal(await connection.call(line), `+${line}`);
  connection.destroy();
});

test('a reset reaches both ends', async (t) => {
  const { fake, proxy } = await echoing(t);
  const connection = await RawConnection.greeted(proxy);
  proxy.reset();
  assert.equal(await connection.reply(), null);
  await until("the server's end to close", () => fake.sockets[0]?.destroyed);
  await until('the link to go', () => proxy.connections === 0);
});

test('refusing: new connections are reset, open ones work on', async (t) => {
  const { proxy } = await echoing(t);
  const connection = await RawConnection.greeted(proxy);
  proxy.refusing = true;
  // The reset may come before the connect is through, which then fails with it.
  const refused = await RawConnection.open(proxy).catch((error: NodeJS.ErrnoException) => error.code);
  if (refused instanceof RawConnection) assert.equal(await refused.reply(), null);
  else assert.equal(refused, 'ECONNRESET');
  assert.equal(await connection.call('still'), '+still');
  connection.destroy();
});

test('a black hole swallows bytes and ends, and lets new links through once healed', async (t) => {
  const { fake, proxy } = await echoing(t);
  const connection = await RawConnection.greeted(proxy);
  proxy.blackhole();
  await assert.rejects(connection.call('lost', 30), /no reply/);
  fake.dropConnections();
  await assert.rejects(connection.reply(30), /no reply/, 'not even the end is told');
  assert.equal(fake.linesLike(/lost/).length, 0);
  proxy.heal();
  const later = await RawConnection.greeted(proxy);
  assert.equal(await later.call('seen'), '+seen');
  connection.destroy();
  later.destroy();
});

test('a stalled reader backs up its writer, and what was written comes once it is healed', async (t) => {
  const { fake, proxy } = await echoing(t);
  const connection = await RawConnection.greeted(proxy);
  proxy.stall('client');
  const line = 'x'.repeat(16 * 1024 * 1024);
  connection.send(line);
  connection.send('\r\n');
  await until('the buffers to fill', () => connection.socket.writableLength > 0);
  assert.equal(fake.linesLike(/x/).length, 0);
  proxy.heal();
  assert.equal((await connection.reply())?.length, line.length + 1);
  connection.destroy();
});

test('closed it holds nothing, also with bytes still delayed', async () => {
  const watch = watchLeaks();
  const fake = await FakeServer.start();
  const proxy = await FaultProxy.start(fake);
  const connection = await RawConnection.greeted(proxy);
  proxy.latencyMs = 60_000;
  connection.send('late\r\n');
  await until('the delay to begin', () => watch.found().some((leak) => leak.endsWith('Timeout')));
  await proxy.close();
  connection.destroy();
  await fake.close();
  await watch.settle();
});
