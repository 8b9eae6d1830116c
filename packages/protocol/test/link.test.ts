import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { freePort, until } from '@jobstorm/testkit';
import { type Connection, type JobstormError, Link, type LinkOptions } from '../src/index.ts';
import { at, echo, outcomes, Stage } from './stage.ts';

/** The waits in ms that are asked of timers from now on, those of `connectTimeoutMs` left out. */
function watchWaits(t: TestContext, connectTimeoutMs: number): number[] {
  const waits: number[] = [];
  const real = globalThis.setTimeout;
  const watched = mock.method(globalThis, 'setTimeout', (run: () => void, ms: number) => {
    if (new Error().stack?.includes('link.ts') && ms !== connectTimeoutMs) waits.push(ms);
    return real(run, ms);
  });
  t.after(() => watched.mock.restore());
  return waits;
}

function linked(stage: Stage, options: LinkOptions): Link {
  const link = new Link(options);
  stage.onEnd(() => link.stop((connection) => connection.destroy()));
  return link;
}

test('start opens the first connection and tells of it', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: echo });
  const ups: Connection[] = [];
  const link = linked(stage, { address: at(server), onUp: (connection) => ups.push(connection) });
  await link.start();
  assert.equal(await link.connection?.call('A'), 'A');
  assert.deepEqual(ups, [link.connection]);
});

test('start rejects when the first connection fails, and tries no more', async (t) => {
  const stage = new Stage(t);
  const port = await freePort();
  const link = linked(stage, { address: at({ host: '127.0.0.1', port }), onDown: () => assert.fail('start tells') });
  assert.deepEqual(await outcomes([link.start()]), ['ECONNREFUSED']);
  await link.stop();
});

test('opening again is given up after its own time', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: echo });
  const silent = await stage.server({ greeting: null });
  const address = at(server);
  const downs: string[] = [];
  const link = linked(stage, {
    address,
    connectTimeoutMs: 1_000_000,
    reopenTimeoutMs: 1,
    minWaitMs: 1,
    maxWaitMs: 1,
    onDown: (error) => downs.push(error.code),
  });
  await link.start();
  address.port = silent.port;
  server.dropConnections();
  await until('tries that were given up', () => downs.filter((code) => code === 'ETIMEDOUT').length > 1);
});

test('a connection that ends is followed by a new one, as often as it takes', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: echo });
  const downs: string[] = [];
  const ups: Connection[] = [];
  const link = linked(stage, {
    address: at(server),
    minWaitMs: 1,
    maxWaitMs: 1,
    onUp: (connection) => ups.push(connection),
    onDown: (error) => downs.push(error.code),
  });
  await link.start();
  for (let times = 2; times <= 4; times++) {
    server.dropConnections();
    await until('the next connection', () => ups.length === times);
    assert.equal(link.connection, ups[times - 1]);
    assert.equal(await link.connection?.call('A'), 'A');
  }
  assert.deepEqual(downs, ['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
  assert.ok(ups.slice(0, 3).every((connection) => !connection.open));
});

test('the waits double up to the cap, and nothing is tried in between', async (t) => {
  const stage = new Stage(t);
  const waits = watchWaits(t, 4321);
  const port = await freePort();
  const reasons: JobstormError[] = [];
  const link = linked(stage, {
    address: at({ host: '127.0.0.1', port }),
    connectTimeoutMs: 4321,
    minWaitMs: 1,
    maxWaitMs: 10,
    onDown: (error) => reasons.push(error),
  });
  link.startInBackground();
  await until('seven tries', () => reasons.length >= 7);
  await link.stop();
  assert.deepEqual(waits.slice(0, 7), [1, 2, 4, 8, 10, 10, 10]);
  assert.equal(waits.length, reasons.length);
  assert.ok(reasons.every(({ code }) => code === 'ECONNREFUSED'));
});

test('a connection that ends as soon as it is up is waited for as long as one that can not be opened', async (t) => {
  const stage = new Stage(t);
  const waits = watchWaits(t, 4321);
  const server = await stage.server({ script: () => ({ bytes: '+OK\r\n', after: 'close' }) });
  const link = linked(stage, { address: at(server), connectTimeoutMs: 4321, minWaitMs: 1, maxWaitMs: 8 });
  link.startInBackground();
  await until('five waits', () => waits.length >= 5);
  assert.deepEqual(waits.slice(0, 5), [1, 2, 4, 8, 8]);
});

test('in the background it goes on until somebody listens', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({
    script: (line, { connection }) => (connection < 3 ? { after: 'reset' } : echo(line)),
  });
  const link = linked(stage, { address: at(server), minWaitMs: 1, maxWaitMs: 2 });
  link.startInBackground();
  const connection = await until('a connection', () => link.connection);
  assert.equal(await connection.call('A'), 'A');
});

test('stop while opening gives up at once, for both ways of starting', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ greeting: null });
  for (const way of ['start', 'startInBackground'] as const) {
    const before = server.sockets.length;
    const down: string[] = [];
    // Waiting out the time to connect would end this test by its own limit.
    const link = new Link({ address: at(server), connectTimeoutMs: 600_000, onDown: ({ code }) => down.push(code) });
    const starting = outcomes([Promise.resolve(link[way]())]);
    await until('the connection', () => server.sockets.length > before);
    await link.stop();
    assert.deepEqual(await starting, [way === 'start' ? 'ECLOSED' : undefined]);
    assert.equal(link.connection, null);
    assert.deepEqual(down, []);
  }
});

test('stop while up takes the replies that are due', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: echo });
  const link = linked(stage, { address: at(server), onDown: () => assert.fail('it was stopped') });
  await link.start();
  const call = link.connection!.call('A');
  await Promise.all([link.stop(), link.stop()]);
  assert.equal(await call, 'A');
  assert.equal(link.connection, null);
  assert.equal(server.sockets.length, 1);
});

test('stop while up ends the connection as it is told', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server();
  const link = linked(stage, { address: at(server) });
  await link.start();
  const call = outcomes([link.connection!.call('A')]);
  await link.stop((connection) => connection.destroy());
  assert.deepEqual(await call, ['ECLOSED']);
});

test('stop while waiting ends the wait', async (t) => {
  const stage = new Stage(t);
  const port = await freePort();
  let downs = 0;
  const link = new Link({ address: at({ host: '127.0.0.1', port }), minWaitMs: 600_000, onDown: () => downs++ });
  link.startInBackground();
  await until('the wait', () => downs === 1);
  stage.onEnd(() => assert.equal(downs, 1));
  await link.stop();
});

test('stop before any start, and start after stop', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server();
  const link = new Link({ address: at(server) });
  await link.stop();
  assert.deepEqual(await outcomes([link.start()]), ['ECLOSED']);
  link.startInBackground();
  await link.stop();
  assert.equal(link.connection, null);
});
