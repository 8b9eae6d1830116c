import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { epochUs, Reporter } from '@jobstorm/telemetry';
import { until } from '@jobstorm/testkit';
import { WebSocket } from 'ws';
import { RoomClient } from '../src/room-client.ts';
import { startControlRoom } from '../src/server.ts';
import { helloOf, runOf, workerSnapshot } from './reports.ts';

describe('/parts', () => {
  const cleanups: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  async function started(token?: string) {
    const server = await startControlRoom({ host: '127.0.0.1', port: 0, token: token ?? null });
    cleanups.push(server.close);
    const url = `${server.url.replace('http', 'ws')}/parts`;
    return { ...server, url };
  }

  async function connected(url: string): Promise<WebSocket> {
    const socket = new WebSocket(url);
    await once(socket, 'open');
    return socket;
  }

  /** Sends messages and gives what the control room closed the socket with. */
  async function closedAfter(url: string, ...messages: (string | Buffer)[]): Promise<{ code: number; reason: string }> {
    const socket = await connected(url);
    const closed = once(socket, 'close');
    for (const message of messages) socket.send(message, { binary: typeof message !== 'string' }, () => {});
    const [code, reason] = await closed;
    return { code, reason: String(reason) };
  }

  /** Settles once the room has seen all that was sent on this socket before. */
  async function seen(socket: WebSocket): Promise<void> {
    const pong = once(socket, 'pong');
    socket.ping();
    await pong;
  }

  it('takes the reports of a real reporter, and its last one', async () => {
    const { url, room } = await started();
    const side = runOf('r', [0, 1]);
    const reporter = new Reporter({
      url,
      hello: helloOf('a'),
      snapshot: (complete) => side.snapshot(complete),
      intervalMs: 1_000_000,
    });
    await until('the first snapshot', () => room.run('r'));
    assert.equal(room.run('r')!.completed, 2);
    side.done(5);
    await room.poll();
    assert.equal(room.run('r')!.completed, 3);
    side.done(6);
    await reporter.close();
    await until('the worker to go', () => room.workers().length === 0);
    assert.equal(room.run('r')!.completed, 4);
  });

  it('closes a part whose changes follow on something that it was not told, and takes all of it when the part is back', async () => {
    const { url, room } = await started();
    const side = runOf('r', [0, 1]);
    let complete = 0;
    const reporter = new Reporter({
      url,
      hello: helloOf('a'),
      snapshot: (whole) => {
        if (whole) complete++;
        return side.snapshot(whole);
      },
      intervalMs: 1_000_000,
    });
    cleanups.push(() => reporter.close());
    const count = () => room.run('r')?.phases.service?.count;
    await until('the first snapshot', () => count() === 2);
    side.done(2);
    await room.poll();
    assert.deepEqual([count(), complete], [3, 1], 'by its change');
    side.done(3, 1_000_000, 900);
    side.tally(); // lost
    side.done(4, 1_000_000, 7000);
    await room.poll();
    await until('all of it', () => count() === 5);
    assert.equal(complete, 2);
  });

  it('carries settings to a real reporter and its answer back, over HTTP too', async () => {
    const { url, room } = await started();
    const reporter = new Reporter({
      url,
      hello: helloOf('a'),
      snapshot: () => workerSnapshot(),
      onSettings: async ({ worker }) => ({ inForce: { slots: worker?.slots ?? 1 }, refusal: null }),
    });
    cleanups.push(() => reporter.close());
    await until('the worker', () => room.workers().length === 1);
    assert.deepEqual(await room.configure('a', { slots: 7 }), { inForce: { slots: 7 }, refusal: null });
    const client = await RoomClient.connect({ url });
    cleanups.push(() => client.close());
    assert.deepEqual(await client.configure('group of a', { slots: 8 }), { inForce: { slots: 8 }, refusal: null });
    await assert.rejects(client.configure('nobody', {}), /answered 404 to .*: no part of that id/);
  });

  it('finds out how far a part’s clock is ahead, to within half a round trip', async () => {
    const { url, room } = await started();
    const skewUs = 1_234_567;
    const clockUs = () => epochUs() + skewUs;
    const reporter = new Reporter({ url, hello: helloOf('a'), snapshot: () => workerSnapshot(), clockUs });
    await until('the first exchange', () => room.workers()[0]?.clock);
    const { offsetUs, errorUs } = room.workers()[0]!.clock!;
    assert.ok(Math.abs(offsetUs - skewUs) <= errorUs, `${offsetUs} ±${errorUs}`);
    assert.ok(errorUs < 500_000);
    await reporter.close();
  });

  it('believes no time that it did not ask for', async () => {
    const { url, room } = await started();
    const socket = await connected(url);
    socket.send(JSON.stringify(helloOf('liar')));
    socket.send(JSON.stringify(workerSnapshot()));
    socket.send(JSON.stringify({ type: 'clock', sentUs: 5, atUs: 1e15 }));
    await seen(socket);
    assert.equal(room.workers()[0]!.clock, null);
    socket.terminate();
  });

  it('closes what says something else, with the reason, and nobody else', async () => {
    const { url, room } = await started();
    const good = await connected(url);
    good.send(JSON.stringify(helloOf('good')));
    good.send(JSON.stringify(runOf('r', [0]).snapshot()));
    await until('the good one', () => room.run('r'));

    const hello = JSON.stringify(helloOf('bad'));
    const broken = { ...workerSnapshot(), slots: null };
    const badPage = workerSnapshot([{ ...runOf('r', [7]).tally(), pages: [{ page: 0, bits: 'xx' }] }]);
    const cases: [RegExp, (string | Buffer)[]][] = [
      [/not JSON/, ['{']],
      [/hello/, [JSON.stringify(workerSnapshot())]],
      [/worker snapshot.*/, [hello, hello]],
      [/slots/, [hello, JSON.stringify(broken)]],
      [/ledger page 0/, [hello, JSON.stringify(badPage)]],
      [/answer to settings.inForce/, [hello, '{"type":"settings","number":"x"}']],
      [/binary/, [Buffer.from(hello)]],
    ];
    for (const [expected, messages] of cases) {
      const { code, reason } = await closedAfter(url, ...messages, JSON.stringify(workerSnapshot()));
      assert.equal(code, 1008, String(expected));
      assert.match(reason, expected);
    }
    const { code } = await closedAfter(url, 'x'.repeat((32 << 20) + 1));
    assert.equal(code, 1009);
    await until('the bad ones to be gone', () => room.workers().length === 1);

    good.send(JSON.stringify(runOf('r', [0, 1]).snapshot()));
    await until('the good one to be heard', () => room.run('r')!.completed === 2);
    assert.equal(room.run('r')!.has(7), false);
    good.terminate();
  });

  it('lets a part that is connected twice speak on its newer socket only', async () => {
    const { url, room } = await started();
    const side = runOf('r', [0]);
    const old = await connected(url);
    old.send(JSON.stringify(helloOf('a')));
    old.send(JSON.stringify(side.snapshot()));
    await seen(old);
    const closed = once(old, 'close');
    const fresh = await connected(url);
    fresh.send(JSON.stringify(helloOf('a')));
    fresh.send(JSON.stringify(side.done(1).snapshot(true)));
    assert.equal((await closed)[0], 1008);
    await seen(fresh);
    assert.equal(room.workers().length, 1, 'the end of the old socket is not the end of the part');
    assert.equal(room.run('r')!.completed, 2);
    assert.equal(room.run('r')!.duplicated, 0);
    fresh.terminate();
    await until('the part to go', () => room.workers().length === 0);
  });

  async function refusal(url: string, headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(url, { headers });
    socket.on('error', () => {});
    const [request, response] = await once(socket, 'unexpected-response');
    request.destroy();
    return response.statusCode;
  }

  it('turns away pages of other sites, foreign names, and paths that are none', async () => {
    const { url } = await started();
    assert.equal(await refusal(url, { origin: 'http://evil.example' }), 403);
    assert.equal(await refusal(url, { host: 'evil.example' }), 403);
    for (const path of ['/', '/partsx', '/__proto__', '/stats'])
      assert.equal(await refusal(url.replace('/parts', path), {}), 404, path);
  });

  it('asks for the token', async () => {
    const { url, room } = await started('secret');
    assert.equal(await refusal(url, {}), 401);
    assert.equal(await refusal(url, { authorization: 'Bearer wrong' }), 401);
    const reporter = new Reporter({ url, token: 'secret', hello: helloOf('a'), snapshot: () => workerSnapshot() });
    cleanups.push(() => reporter.close());
    await until('the worker', () => room.workers().length === 1);
  });
});
