import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { partsUrl, Reporter, type ReporterOptions } from '../src/reporter.ts';
import type { Hello, Snapshot } from '../src/snapshot.ts';

const hello: Hello = {
  type: 'hello',
  part: 'api',
  id: 'api-1',
  host: 'here',
  pid: 1,
  version: '0.0.0',
  startedAtMs: 1,
  capCores: null,
  group: 'api-1',
};

function snapshotOf(requests: number): Snapshot {
  return {
    type: 'api',
    sentAtUs: 0,
    connected: true,
    totals: { requests, accepted: 0, refused: 0, batches: 0 },
    waiting: 0,
    batchesInFlight: 0,
    phases: {},
    usage: { cpuUs: 0, rssBytes: 0, loopDelayP99Us: null },
  };
}

/** A stand-in control room that hands out connections and their messages in order. */
class Ear {
  readonly server: WebSocketServer;
  #arrivals: { socket: WebSocket; request: IncomingMessage; messages: AsyncIterator<unknown> }[] = [];
  #waiting: (() => void) | null = null;

  constructor(port = 0) {
    this.server = new WebSocketServer({ host: '127.0.0.1', port });
    this.server.on('connection', (socket, request) => {
      const queue: unknown[] = [];
      let wake: (() => void) | null = null;
      socket.on('message', (data) => {
        queue.push(JSON.parse(data.toString()));
        wake?.();
      });
      async function* read(): AsyncGenerator<unknown> {
        for (;;) {
          if (queue.length > 0) yield queue.shift();
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      }
      this.#arrivals.push({ socket, request, messages: read() });
      this.#waiting?.();
    });
  }

  async url(): Promise<string> {
    if (!this.server.address()) await once(this.server, 'listening');
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async next() {
    while (this.#arrivals.length === 0) await new Promise<void>((resolve) => (this.#waiting = resolve));
    const arrival = this.#arrivals.shift()!;
    return { ...arrival, read: async () => (await arrival.messages.next()).value };
  }

  async close(): Promise<void> {
    for (const socket of this.server.clients) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('Reporter', () => {
  const cleanups: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  async function started(options: Partial<ReporterOptions> = {}) {
    const ear = new Ear();
    const asked: boolean[] = [];
    const reporter = new Reporter({
      url: await ear.url(),
      hello,
      // Nothing is sent by time here: what arrives was caused by the test.
      intervalMs: 1_000_000,
      snapshot: (complete) => snapshotOf(asked.push(complete)),
      ...options,
    });
    cleanups.push(
      () => reporter.close(),
      () => ear.close(),
    );
    return { ear, reporter, asked };
  }

  it('says hello, then sends a complete snapshot', async () => {
    const { ear, asked } = await started({ token: 'secret' });
    const { read, request } = await ear.next();
    assert.equal(request.url, '/parts');
    assert.equal(request.headers.authorization, 'Bearer secret');
    assert.deepEqual(await read(), hello);
    assert.deepEqual(await read(), snapshotOf(1));
    assert.deepEqual(asked, [true]);
  });

  it('answers a poll, survives messages that it does not know', async () => {
    const { ear, asked } = await started();
    const { read, socket } = await ear.next();
    await read();
    await read();
    for (const text of ['nonsense', 'null', '[]', '{"type":"other"}', '{"type":"poll"}']) socket.send(text);
    assert.deepEqual(await read(), snapshotOf(2));
    assert.deepEqual(asked, [true, false]);
  });

  it('hands on the settings that the control room wants, and answers with what became of them', async () => {
    const wanted: unknown[] = [];
    const { ear } = await started({
      onSettings: async (message) => {
        wanted.push(message);
        return { inForce: { batchMaxSize: 7 }, refusal: null };
      },
    });
    const { read, socket } = await ear.next();
    await read();
    await read();
    socket.send('{"type":"settings","number":3,"api":{"batchMaxSize":7}}');
    const answer = { type: 'settings', number: 3, inForce: { batchMaxSize: 7 }, refusal: null };
    assert.deepEqual(await read(), answer);
    assert.deepEqual(wanted, [{ type: 'settings', number: 3, api: { batchMaxSize: 7 } }]);
  });

  it('sends by itself at its interval', async () => {
    const { ear } = await started({ intervalMs: 1 });
    const { read } = await ear.next();
    await read();
    for (let i = 1; i < 4; i++) assert.deepEqual(await read(), snapshotOf(i));
  });

  it('comes back after a lost connection, complete again', async () => {
    const states: boolean[] = [];
    const { ear, reporter, asked } = await started({ onConnection: (connected) => states.push(connected) });
    const first = await ear.next();
    await first.read();
    await first.read();
    reporter.send();
    await first.read();
    first.socket.terminate();
    const second = await ear.next();
    assert.deepEqual(await second.read(), hello);
    assert.deepEqual(await second.read(), snapshotOf(3));
    assert.deepEqual(asked, [true, false, true]);
    assert.deepEqual(states, [true, false, true]);
  });

  it('works on without a control room, and says so once', async () => {
    const gone = new Ear();
    const url = await gone.url();
    await gone.close();
    const reasons: string[] = [];
    const told = new Promise<void>((resolve) => {
      const reporter: Reporter = new Reporter({
        url,
        hello,
        snapshot: () => assert.fail('no snapshot is made that nobody takes'),
        onConnection: (connected, reason) => {
          reasons.push(`${connected} ${reason}`);
          reporter.send();
          resolve(reporter.close());
        },
      });
    });
    await told;
    assert.equal(reasons.length, 1);
    assert.match(reasons[0]!, /false .*ECONNREFUSED/);
  });

  it('sends a last snapshot on close', async () => {
    const { ear, reporter } = await started();
    const { read, socket } = await ear.next();
    await read();
    await read();
    const closed = once(socket, 'close');
    await reporter.close();
    assert.deepEqual(await read(), snapshotOf(2));
    assert.equal((await closed)[0], 1000);
    assert.equal(reporter.connected, false);
    reporter.send();
  });

  it('makes no snapshots while the control room does not read', async () => {
    const filler = { ...snapshotOf(0), filler: 'x'.repeat(1 << 20) };
    let made = 0;
    const { ear, reporter } = await started({
      snapshot: () => {
        made++;
        return filler;
      },
    });
    const { socket } = await ear.next();
    socket.pause();
    // Everything in one turn, so the system's own buffers can't grow between: what it does not take stays in the socket.
    for (let i = 0; i < 100; i++) reporter.send();
    assert.ok(made < 30, `${made} MiB of snapshots made`);
    socket.resume();
  });
});

describe('partsUrl', () => {
  it('is the place to report of a control room', () => {
    assert.equal(partsUrl('ws://room:7460'), 'ws://room:7460/parts');
    assert.equal(partsUrl('http://room:7460/'), 'ws://room:7460/parts');
    assert.equal(partsUrl('https://room'), 'wss://room/parts');
    assert.equal(partsUrl('ws://[::1]:7460/parts'), 'ws://[::1]:7460/parts');
  });

  it('refuses what is no address', () => {
    for (const text of ['', 'room', 'room:7460', 'tcp://room:7460', '127.0.0.1:7460'])
      assert.throws(() => partsUrl(text), RangeError, text);
  });
});
