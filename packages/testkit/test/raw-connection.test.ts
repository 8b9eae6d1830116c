import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeServer } from '../src/fake-server.ts';
import { RawConnection, rawPasswordHash } from '../src/raw-connection.ts';
import { until } from '../src/until.ts';

test('replies come one by one, whatever the pieces they arrive in', async (t) => {
  const bulk = '$8\r\nzwölf\r\n'; // 8 bytes, 7 characters, and a CRLF of its own inside
  const fake = await FakeServer.start({
    script: () => ({ bytes: `+OK\r\n-ERR no\r\n$-1\r\n$0\r\n\r\n${bulk}\r\n`, sliceBytes: 1 }),
  });
  t.after(() => fake.close());
  const connection = await RawConnection.open(fake);
  assert.equal(await connection.reply(), '+HI {"v":2}');
  assert.equal(await connection.call('GO'), '+OK');
  assert.equal(await connection.reply(), '-ERR no');
  assert.equal(await connection.reply(), '$-1');
  assert.equal(await connection.reply(), '$0\r\n');
  assert.equal(await connection.reply(), bulk);
  connection.destroy();
});

test('a close is null, for the reply that waits and for every later one', async (t) => {
  const fake = await FakeServer.start({ script: () => ({ bytes: '$5\r\nhal', after: 'close' }) });
  t.after(() => fake.close());
  const connection = await RawConnection.open(fake);
  await connection.reply();
  assert.equal(await connection.call('GO'), null);
  assert.equal(await connection.reply(), null);
  assert.equal(connection.ended, true);
  assert.equal(connection.unread.toString(), '$5\r\nhal');
  connection.destroy();
});

test('no reply in time is an error, and the connection can go on', async (t) => {
  const fake = await FakeServer.start({ script: (line) => (line === 'LATE' ? '+late\r\n' : undefined) });
  t.after(() => fake.close());
  const connection = await RawConnection.greeted(fake);
  await assert.rejects(connection.call('SILENCE', 5), /no reply within 5 ms/);
  assert.equal(await connection.call('LATE'), '+late');
  connection.destroy();
});

test('the handshake hashes the password with the salt and the rounds of the greeting', async (t) => {
  // One round is SHA-256 of password + salt; the known answer is from `printf %s secretabcd | sha256sum`.
  assert.equal(
    rawPasswordHash('secret', 'abcd', 1),
    'a86496fa83482c96733fc5dfc00aa6f281dbd695255ee97fa383fa4f917d742e',
  );
  const fake = await FakeServer.start({ greeting: '+HI {"v":2,"s":"abcd","i":5}\r\n' });
  t.after(() => fake.close());
  const connection = await RawConnection.greeted(fake, { wid: 'w1' }, 'secret');
  const hello = await fake.waitForLine(/^HELLO/);
  assert.deepEqual(JSON.parse(hello.slice(6)), { v: 2, wid: 'w1', pwdhash: rawPasswordHash('secret', 'abcd', 5) });
  connection.destroy();
});

test('a refused handshake is an error that quotes the answer', async (t) => {
  const fake = await FakeServer.start({ script: () => '-ERR Invalid password\r\n' });
  t.after(() => fake.close());
  await assert.rejects(RawConnection.greeted(fake), /HELLO was answered with "-ERR Invalid password"/);
});

test('after a half-close the rest is still read', async (t) => {
  const fake = await FakeServer.start({ script: (line) => (line === 'LAST' ? '+bye\r\n' : undefined) });
  t.after(() => fake.close());
  const connection = await RawConnection.greeted(fake);
  connection.send('LAST\r\n');
  connection.halfClose();
  assert.equal(await connection.reply(), '+bye');
  await until('the end', () => connection.ended);
});
