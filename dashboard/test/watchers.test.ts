import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import { WebSocket } from 'ws';
import { ControlRoom } from '../src/control-room.ts';
import type { WatchMessage } from '../src/view.ts';
import { Watchers, type WatchersOptions } from '../src/watchers.ts';
import { apiSnapshot, containerUsage, dockerSnapshot, helloOf, runOf, workerSnapshot } from './reports.ts';

/** Time that is over only when a poll's end makes it so. */
const NEVER_MS = 1_000_000;

describe('/watch', () => {
  const cleanups: (() => void)[] = [];
  after(() => {
    for (const cleanup of cleanups) cleanup();
  });

  async function started(options: WatchersOptions = {}) {
    const room = new ControlRoom();
    const watchers = new Watchers(room, { now: () => 5, ...options });
    const server: Server = createServer().listen(0, '127.0.0.1');
    server.on('upgrade', (request, stream, head) => watchers.upgrade(request, stream, head));
    await once(server, 'listening');
    cleanups.push(() => {
      watchers.close();
      server.close();
    });
    return { room, watchers, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  /** A watcher, with its messages one after the other. */
  function watch(url: string) {
    const socket = new WebSocket(url);
    const queue: WatchMessage[] = [];
    const arrived = new EventEmitter();
    socket.on('message', (data) => {
      queue.push(JSON.parse(data.toString()));
      arrived.emit('message');
    });
    cleanups.push(() => socket.terminate());
    const next = async (): Promise<WatchMessage> => {
      while (queue.length === 0) await once(arrived, 'message');
      return queue.shift()!;
    };
    return { socket, next, queue };
  }

  it('gives everything at first', async () => {
    const { room, url } = await started({ intervalMs: NEVER_MS });
    room.accept(helloOf('w'));
    room.accept(helloOf('i', 'api'));
    room.update('w', runOf('r', [0, 1]).snapshot());
    room.update('i', apiSnapshot());
    room.accept(helloOf('d', 'docker'));
    room.update('d', dockerSnapshot([containerUsage()]));
    const first = await watch(url).next();
    assert.equal(first.type, 'view');
    assert.equal(first.hosts[0]!.containers[0]!.name, 'faktory');
    assert.deepEqual(
      first.workers.map(({ id }) => id),
      ['w'],
    );
    assert.deepEqual(
      first.apis.map((api) => [api.id, 'phases' in api]),
      [['i', false]],
    );
    assert.deepEqual(
      first.runs.map(({ run, completed }) => [run, completed]),
      [['r', 2]],
    );
    assert.equal(first.server, null);
  });

  it('then gives what changed, gathered over its interval', async () => {
    const { room, url } = await started({ intervalMs: 20 });
    room.accept(helloOf('w'));
    room.update('w', runOf('old', [0]).snapshot());
    const { next, queue } = watch(url);
    assert.deepEqual(
      (await next()).runs.map(({ run }) => run),
      ['old'],
    );
    const side = runOf('new', [0]);
    for (let seq = 1; seq <= 100; seq++) room.update('w', side.done(seq).snapshot());
    assert.deepEqual(
      (await next()).runs.map(({ run, completed }) => [run, completed]),
      [['new', 101]],
    );
    assert.deepEqual(queue, []);
  });

  it('does not wait after a poll that brought completions', async () => {
    const { room, watchers, url } = await started({ intervalMs: NEVER_MS });
    room.accept(helloOf('w'));
    const { next, queue } = watch(url);
    await next();
    room.update('w', runOf('r', [0]).snapshot());
    watchers.polled();
    assert.equal((await next()).runs[0]!.completed, 1);
    room.gone('w');
    watchers.polled();
    watchers.polled();
    room.accept(helloOf('w'));
    room.update('w', runOf('r', [0, 1]).snapshot(true));
    watchers.polled();
    assert.equal((await next()).runs[0]!.completed, 2, 'nothing was sent for a poll without news');
    assert.deepEqual(queue, []);
  });

  /** A room with 50 runs, a watcher that stopped reading long ago, and what changes 49 of the runs. */
  async function withSlowWatcher(now: () => number) {
    const { room, watchers, url } = await started({ intervalMs: NEVER_MS, now });
    const quiet = runOf('quiet', [0]);
    const busy = Array.from({ length: 49 }, (_, i) => runOf(`${i}`.padEnd(200, '.'), [0]));
    room.accept(helloOf('w'));
    room.update('w', workerSnapshot([quiet, ...busy].map((side) => side.tally())));
    const slow = watch(url);
    const quick = watch(url);
    await Promise.all([slow.next(), quick.next()]);
    const change = () => {
      room.update('w', workerSnapshot(busy.map((side) => side.done(side.ledger.count).tally())));
      watchers.polled();
    };
    slow.socket.pause();
    const sent = 400; // over 20 MB: more than the system buffers
    for (let i = 0; i < sent; i++) {
      change();
      assert.equal((await quick.next()).runs.length, 49, 'the quick one hears on');
    }
    return { slow, change, sent };
  }

  it('skips a watcher that does not read, and gives it everything once it does', async () => {
    const { slow, change, sent } = await withSlowWatcher(() => 5);
    slow.socket.resume();
    const whole = await until('a complete message', () => {
      change();
      return slow.queue.find(({ runs }) => runs.length === 50);
    });
    assert.ok(slow.queue.indexOf(whole) < sent, 'messages were skipped');
  });

  it('closes a watcher that does not read for long', async () => {
    let nowMs = 0;
    const { slow, change } = await withSlowWatcher(() => nowMs);
    const closed = once(slow.socket, 'close');
    nowMs = 30_000;
    change();
    slow.socket.resume(); // to learn of the end, which lies behind all that was sent
    assert.equal((await closed)[0], 1006);
  });

  it('is deaf: what a watcher says changes nothing, too much of it ends it', async () => {
    const { url } = await started();
    const talker = watch(url);
    await talker.next();
    const closed = once(talker.socket, 'close');
    talker.socket.send('{"type":"hello"}');
    talker.socket.send('x'.repeat(5000));
    assert.equal((await closed)[0], 1009);
  });
});
