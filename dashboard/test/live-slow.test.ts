// A browser that does not keep up: it gets fewer messages, is told all that changed once it reads again, and is closed when it takes
// nothing for long. Nobody else waits for it.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import { WebSocket } from 'ws';
import { ControlRoom } from '../src/control-room.ts';
import { type LiveMessage, LiveSockets } from '../src/live-sockets.ts';
import { RunArchive } from '../src/run-archive.ts';
import { helloOf, workerSnapshot } from './reports.ts';
import { headerLine, sampleLine } from './stream-lines.ts';

/** Each message is some 100 kB. */
const workers = 150;

describe('a browser that does not keep up', () => {
  const cleanups: (() => unknown)[] = [];
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  async function started(now: () => number) {
    const room = new ControlRoom();
    const archive = await RunArchive.open({ folder: null });
    const live = new LiveSockets({ room, archive, launcher: { view: null }, intervalMs: 1, now });
    const server = createServer().listen(0, '127.0.0.1');
    server.on('upgrade', (request, stream, head) => live.upgrade(request, stream, head));
    await once(server, 'listening');
    cleanups.push(() => server.close(), live.close.bind(live));
    for (let at = 0; at < workers; at++) room.accept({ ...helloOf(`w${at}`), host: 'h'.repeat(200) });
    return { room, archive, live, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live` };
  }

  function open(url: string) {
    const socket = new WebSocket(url);
    cleanups.push(() => socket.terminate());
    const queue: LiveMessage[] = [];
    const arrived = new EventEmitter();
    socket.on('message', (data) => {
      queue.push(JSON.parse(data.toString()));
      arrived.emit('message');
    });
    return { socket, queue, arrived };
  }

  /** One that stopped reading, and one beside it that heard all the while of a run's lines. */
  async function withSlowPage(now: () => number) {
    const { room, archive, live, url } = await started(now);
    const [slow, quick] = [open(url), open(url)];
    await Promise.all([once(slow.arrived, 'message'), once(quick.arrived, 'message')]);
    slow.socket.pause();
    const feed = archive.feed('r');
    archive.add(feed, 0, headerLine('r'));
    let lines = 1;
    const change = () => {
      for (let at = 0; at < workers; at++)
        room.update(`w${at}`, workerSnapshot([], { slots: { total: lines, running: lines } }));
      archive.add(feed, lines, sampleLine(lines++ / 2));
      live.changed();
    };
    const rounds = 250; // some 25 MB: more than the system buffers
    for (let at = 0; at < rounds; at++) {
      const heard = once(quick.arrived, 'message');
      change();
      await heard;
    }
    return { slow, quick, change, rounds, live, lines: () => lines };
  }

  it('gets fewer messages, and all lines of the run once it reads again', async () => {
    const { slow, quick, live, rounds, lines } = await withSlowPage(() => 5);
    assert.ok(quick.queue.length > rounds / 2, 'the quick one hears on');
    slow.socket.resume();
    const told = () => slow.queue.flatMap(({ run }) => run?.lines ?? []).length;
    await until('the slow one to have every line', () => {
      live.changed(); // as anything else that is new would
      return told() === lines();
    });
    assert.ok(slow.queue.length < quick.queue.length - 10, `${slow.queue.length} of ${quick.queue.length} messages`);
    assert.deepEqual(
      slow.queue.map(({ number }) => number),
      slow.queue.map((_message, at) => at),
      'what was left out has no number',
    );
    for (const { run } of slow.queue.filter((message) => message.run)) assert.equal(run!.ended, false);
  });

  it('is closed when it takes nothing for long', async () => {
    let nowMs = 0;
    const { slow, change } = await withSlowPage(() => nowMs);
    const closed = once(slow.socket, 'close');
    nowMs = 30_000;
    change();
    await until('it to be seen', () => {
      slow.socket.resume(); // to learn of the end, which lies behind all that was sent
      return slow.socket.readyState !== WebSocket.OPEN;
    });
    assert.equal((await closed)[0], 1006);
  });
});
