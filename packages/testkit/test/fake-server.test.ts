import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { FakeServer } from '../src/fake-server.ts';
import { watchLeaks } from '../src/leaks.ts';
import { RawConnection } from '../src/raw-connection.ts';
import { until } from '../src/until.ts';

test('unscripted it greets, takes HELLO and answers nothing else', async (t) => {
  const fake = await FakeServer.start();
  t.after(() => fake.close());
  const connection = await RawConnection.greeted(fake);
  await assert.rejects(connection.call('INFO', 5), /no reply/);
  assert.deepEqual(fake.linesLike(/./), ['HELLO {"v":2}', 'INFO']);
  connection.destroy();
});

test('the script sees connection and line numbers, and lines however they are cut', async (t) => {
  const fake = await FakeServer.start({ script: (line, at) => `+${line} ${at.connection}.${at.index}\r\n` });
  t.after(() => fake.close());
  const first = await RawConnection.open(fake);
  await first.reply();
  const second = await RawConnection.open(fake);
  await second.reply();
  second.send('ON');
  await until(
    'the first piece to be on its way',
    () => second.socket.bytesWritten === 2 && second.socket.writableLength === 0,
  );
  second.send('E\r\nTWO\n');
  assert.equal(await second.reply(), '+ONE 1.0');
  assert.equal(await second.reply(), '+TWO 1.1');
  assert.equal(await first.call('THREE'), '+THREE 0.0');
  first.destroy();
  second.destroy();
});

test('answers keep the order of the lines when one is sent in slices', async (t) => {
  const script = (line: string) => (line === 'SLOW' ? { bytes: '$3\r\nabc\r\n', sliceBytes: 1 } : '+QUICK\r\n');
  const fake = await FakeServer.start({ script });
  t.after(() => fake.close());
  const connection = await RawConnection.open(fake);
  await connection.reply();
  connection.send('SLOW\r\nQUICK\r\n');
  assert.equal(await connection.reply(), '$3\r\nabc');
  assert.equal(await connection.reply(), '+QUICK');
  connection.destroy();
});

test('it can close, reset, and say nothing at all', async (t) => {
  const fake = await FakeServer.start({
    greeting: null,
    script: (line) => ({ after: line === 'CLOSE' ? 'close' : 'reset' }),
  });
  t.after(() => fake.close());
  const closed = await RawConnection.open(fake);
  assert.equal(await closed.call('CLOSE'), null);
  closed.destroy();
  const reset = await RawConnection.open(fake);
  const error = once(reset.socket, 'error');
  assert.equal(await reset.call('RESET'), null);
  assert.equal((await error)[0].code, 'ECONNRESET');
});

test('stalled it reads no more, so the writer backs up', async (t) => {
  const fake = await FakeServer.start({
    script: (line) => (line === 'STALL' ? { bytes: '+OK\r\n', after: 'stall' } : undefined),
  });
  t.after(() => fake.close());
  const connection = await RawConnection.greeted(fake);
  assert.equal(await connection.call('STALL'), '+OK');
  // More than both kernels' buffers hold: if it were read, all of it would be gone from here soon.
  connection.send(Buffer.alloc(16 * 1024 * 1024, 'x'));
  await until('the buffers to fill', () => connection.socket.bytesWritten > 0 && connection.socket.writableLength > 0);
  assert.equal(fake.linesLike(/x/).length, 0);
  connection.destroy();
});

test('dropConnections cuts everybody and goes on serving', async (t) => {
  const fake = await FakeServer.start();
  t.after(() => fake.close());
  const connection = await RawConnection.greeted(fake);
  fake.dropConnections();
  assert.equal(await connection.reply(), null);
  (await RawConnection.greeted(fake)).destroy();
});

test('closed it holds nothing', async () => {
  const watch = watchLeaks();
  const fake = await FakeServer.start({ script: () => ({ after: 'stall' }) });
  const connection = await RawConnection.open(fake);
  connection.send('HELLO\r\n');
  await fake.waitForLine(/HELLO/);
  await fake.close();
  connection.destroy();
  await watch.settle();
});
