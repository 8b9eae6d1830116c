// A run told by /feed and seen by /live, over real sockets of a real control room.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import { WebSocket } from 'ws';
import type { LiveMessage } from '../src/live-sockets.ts';
import { type ControlRoomServer, startControlRoom } from '../src/server.ts';
import { headerLine, runLines, sampleLine } from './stream-lines.ts';

describe('a run that is told while it goes', () => {
  const cleanups: (() => unknown)[] = [];
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  async function started() {
    const server = await startControlRoom({ host: '127.0.0.1', port: 0 });
    cleanups.push(server.close);
    return server;
  }

  function open<T>({ url }: ControlRoomServer, path: string) {
    const socket = new WebSocket(url.replace('http', 'ws') + path);
    cleanups.push(() => socket.terminate());
    const queue: T[] = [];
    const arrived = new EventEmitter();
    socket.on('message', (data) => {
      queue.push(JSON.parse(data.toString()));
      arrived.emit('message');
    });
    const next = async (): Promise<T> => {
      while (queue.length === 0) await once(arrived, 'message');
      return queue.shift()!;
    };
    return { socket, next, queue };
  }

  async function feeder(server: ControlRoomServer, run: string) {
    const { socket, next } = open<{ type: string; lines: number }>(server, '/feed');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'feed', run }));
    const have = await next();
    const tell = (number: number, line: unknown) => socket.send(JSON.stringify({ type: 'line', number, line }));
    return { have, tell, next, socket };
  }

  /** Reads on until a run's line of that number has come. */
  async function linesUntil(watch: { next(): Promise<LiveMessage> }, count: number): Promise<unknown[]> {
    const lines: unknown[] = [];
    while (lines.length < count) {
      const { run } = await watch.next();
      if (run === null) continue;
      assert.equal(run.from, lines.length, 'no line twice, and none left out');
      lines.push(...run.lines);
    }
    return lines;
  }

  it('reaches who watches, and who comes late sees all of it', async () => {
    const server = await started();
    const early = open<LiveMessage>(server, '/live');
    const first = await early.next();
    assert.deepEqual(Object.keys(first.sections).sort(), [
      'apis',
      'history',
      'hosts',
      'runs',
      'server',
      'started',
      'workers',
    ]);
    assert.equal(first.run, null);
    const { have, tell, next } = await feeder(server, 'r1');
    assert.deepEqual(have, { type: 'have', lines: 0 });
    const lines = runLines('r1');
    for (const [number, line] of lines.entries()) tell(number, line);
    assert.deepEqual(await next(), { type: 'have', lines: lines.length });
    assert.deepEqual(await linesUntil(early, lines.length), lines);
    const late = open<LiveMessage>(server, '/live');
    const { run, number } = await late.next();
    assert.equal(number, 0);
    assert.deepEqual(run, { id: 'r1', from: 0, lines, ended: true });
  });

  it('is resumed by its number after a page was away', async () => {
    const server = await started();
    const { tell } = await feeder(server, 'r1');
    tell(0, headerLine('r1'));
    tell(1, sampleLine(0.5));
    const page = open<LiveMessage>(server, '/live');
    const room = (await page.next()).room;
    await until('both lines to be there', async () => (await fetch(`${server.url}/history/r1`)).ok);
    page.socket.close();
    tell(2, sampleLine(1));
    const list = async () =>
      ((await (await fetch(`${server.url}/history`)).json()) as { runs: { lines: number }[] }).runs;
    await until('the third line to be there', async () => (await list())[0]?.lines === 3);
    const back = open<LiveMessage>(server, `/live?room=${room}&run=r1&lines=2`);
    assert.deepEqual((await back.next()).run, { id: 'r1', from: 2, lines: [sampleLine(1)], ended: false });
    const stranger = open<LiveMessage>(server, '/live?room=another&run=r1&lines=2');
    assert.equal((await stranger.next()).run?.from, 0, 'what a page had of another room is not counted');
  });

  it('goes on where the feed broke off, and ends it for what is no line', async () => {
    const server = await started();
    const before = await feeder(server, 'r1');
    before.tell(0, headerLine('r1'));
    before.tell(1, sampleLine(0.5));
    before.socket.close();
    await once(before.socket, 'close');
    const again = await feeder(server, 'r1');
    assert.deepEqual(again.have, { type: 'have', lines: 2 });
    again.tell(7, sampleLine(1));
    const [code, reason] = (await once(again.socket, 'close')) as [number, Buffer];
    assert.equal(code, 1008);
    assert.equal(reason.toString(), 'expected line 2, got 7');
  });

  it('tells a generator that comes back with a run that is over that nothing is missing', async () => {
    const server = await started();
    const { tell, next } = await feeder(server, 'r1');
    for (const [number, line] of runLines('r1').entries()) tell(number, line);
    await next();
    const { have } = await feeder(server, 'r1');
    assert.ok(have.lines >= runLines('r1').length);
  });

  it('sends only the sections that changed', async () => {
    const server = await started();
    const page = open<LiveMessage>(server, '/live');
    await page.next();
    server.room.updateServer({ url: 'tcp://127.0.0.1:7419', connected: true } as never);
    const { sections, number } = await page.next();
    assert.equal(number, 1);
    assert.deepEqual(Object.keys(sections), ['server']);
  });

  it('is downloaded and deleted over HTTP', async () => {
    const server = await started();
    const { tell, next } = await feeder(server, 'r1');
    for (const [number, line] of runLines('r1').entries()) tell(number, line);
    await next();
    const reply = await fetch(`${server.url}/history/r1`);
    assert.equal(reply.headers.get('content-type'), 'application/x-ndjson; charset=utf-8');
    assert.equal((await reply.text()).split('\n').length, runLines('r1').length + 1);
    assert.equal((await fetch(`${server.url}/history/r1`, { method: 'DELETE' })).status, 204);
    assert.equal((await fetch(`${server.url}/history/r1`, { method: 'DELETE' })).status, 404);
    assert.equal((await fetch(`${server.url}/history/r1`)).status, 404);
  });
});
