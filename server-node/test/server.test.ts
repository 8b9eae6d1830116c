import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobstormError } from '@jobstorm/protocol';
import { RawConnection, until, watchLeaks } from '@jobstorm/testkit';
import { startServer } from '../src/server.ts';
import { FakeClock } from './fake-clock.ts';

const local = { host: '127.0.0.1', port: 0 };

test('the connection over the limit is told so and closed, the others stay', async () => {
  const server = await startServer({ ...local, maxConnections: 2 });
  const kept = [await RawConnection.greeted(server), await RawConnection.greeted(server)];
  const extra = await RawConnection.open(server);
  assert.equal(await extra.greet(), '+OK');
  assert.equal(await extra.reply(), '-ERR too many connections: 3');
  assert.equal(await extra.reply(), null);
  assert.equal(await kept[0]!.call('BEAT {}'), '-ERR unknown worker ');
  kept[0]!.destroy();
  await until('room for another', () => server.info().server.connections === 1);
  const next = await RawConnection.greeted(server);
  assert.equal(await next.call('FLUSH'), '+OK');
  for (const connection of [...kept, extra, next]) connection.destroy();
  await server.close();
});

test('a silent worker loses its connections, its jobs come back by their expiry', async () => {
  const clock = new FakeClock();
  const server = await startServer({ ...local, clock });
  const worker = await RawConnection.greeted(server, { wid: 'w-0000001' });
  const other = await RawConnection.greeted(server, { wid: 'w-0000002' });
  assert.equal(await worker.call('PUSH {"jid":"job-00001","jobtype":"t","args":[],"retry":1,"reserve_for":90}'), '+OK');
  assert.match((await worker.call('FETCH default'))!, /job-00001/);
  clock.advance(59_000);
  assert.equal(await other.call('BEAT {"wid":"w-0000002"}'), '+OK');
  assert.equal(server.info().faktory.tasks.Workers.size, 2);
  clock.advance(2000);
  assert.equal(await worker.reply(), null);
  const { Workers } = server.info().faktory.tasks;
  assert.deepEqual(Workers, { reaped: 1, size: 1 });
  assert.equal(server.info().faktory.sets.working, 1);
  clock.advance(30_000);
  await until('the reservation to end', () => server.info().faktory.sets.retries === 1);
  worker.destroy();
  other.destroy();
  await server.close();
});

test('close answers who waits, ends all connections and leaves nothing', async () => {
  const leaks = watchLeaks();
  const server = await startServer({ ...local, web: local });
  const [waiting, idle, mute] = [
    await RawConnection.greeted(server),
    await RawConnection.greeted(server, { wid: 'w-0000001' }),
    await RawConnection.open(server),
  ];
  waiting.send('FETCH q\r\nFLUSH\r\n');
  await until('the FETCH to wait', () => server.info().server.command_count === 1);
  const closed = server.close();
  assert.equal(await waiting.reply(), '-ERR shutdown in progress');
  assert.equal(await waiting.reply(), null);
  assert.equal(await idle.reply(), null);
  // One that never closes its own side is not waited for.
  for (const connection of [waiting, idle]) connection.destroy();
  await closed;
  mute.destroy();
  await leaks.settle();
  await assert.rejects(RawConnection.open(server), { code: 'ECONNREFUSED' });
});

test('FETCHes end by the clock however many wait, and a server closed among them leaves nothing', async () => {
  const leaks = watchLeaks();
  const clock = new FakeClock();
  const server = await startServer({ ...local, clock });
  const crowd = await Promise.all(Array.from({ length: 40 }, () => RawConnection.greeted(server)));
  for (const connection of crowd) connection.send('FETCH q\r\n');
  await until('all of them to wait', () => server.info().server.command_count === crowd.length);
  clock.advance(2001);
  for (const connection of crowd) assert.equal(await connection.reply(), '$-1');
  for (const connection of crowd) connection.send('FETCH q\r\n');
  await until('all of them to wait again', () => server.info().server.command_count === 2 * crowd.length);
  const closed = server.close();
  for (const connection of crowd) assert.equal(await connection.reply(), '-ERR shutdown in progress');
  for (const connection of crowd) connection.destroy();
  await closed;
  await leaks.settle();
});

test('a taken port is named, for the web side too, and nothing stays behind', async () => {
  const leaks = watchLeaks();
  const server = await startServer(local);
  const taken = { host: server.host, port: server.port };
  const names = (error: unknown) =>
    error instanceof JobstormError && error.code === 'EADDRINUSE' && error.message.includes(`127.0.0.1:${server.port}`);
  await assert.rejects(startServer(taken), names);
  await assert.rejects(startServer({ ...local, web: taken }), names);
  await server.close();
  await leaks.settle();
});
