import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { ConnectionError, JobstormError } from '@jobstorm/protocol';
import { freePort, until, watchLeaks } from '@jobstorm/testkit';
import type { Room, RoomChange } from '../src/room.ts';
import { RoomClient } from '../src/room-client.ts';
import { startControlRoom } from '../src/server.ts';
import { apiSnapshot, helloOf, runOf, workerSnapshot } from './reports.ts';

const hasCode = (code: string) => (error: unknown) => error instanceof JobstormError && error.code === code;

describe('RoomClient', () => {
  const cleanups: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  async function started(token: string | null = null) {
    const server = await startControlRoom({ host: '127.0.0.1', port: 0, token });
    cleanups.push(server.close);
    const client = await RoomClient.connect({ url: server.url, token });
    cleanups.push(() => client.close());
    return { ...server, client };
  }

  it('answers as the room itself does', async () => {
    const { room, client } = await started('secret');
    room.accept(helloOf('w'));
    room.accept(helloOf('i', 'api'));
    const tally = runOf('r', [0, 1, 5000]).tally();
    const phases = { ...tally.phases, endToEnd: tally.phases.service! };
    room.update('w', workerSnapshot([{ ...tally, phases }]));
    room.update('i', apiSnapshot({ phases: { push: runOf('r', [0]).tally().phases.service! } }));
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
    const rooms: Room[] = [room, client];
    const [here, there] = await Promise.all(
      rooms.map(async (one) => ({
        workers: plain(await one.workers()),
        apis: plain(await one.apis()),
        run: plain(await one.run('r')),
        unknown: await one.run('other'),
        pulse: plain(await one.pulse('r')),
        noPulse: await one.pulse('other'),
        server: await one.server(),
      })),
    );
    assert.deepEqual(there, here);
    assert.equal((await client.runs())[0]!.completed, 3);
    assert.equal((await client.pulse('r'))!.endToEnd!.count, 3);
    assert.deepEqual((await client.run('r'))!.missing(3), [{ from: 2, to: 2 }]);
  });

  it('hears of a run that a poll moved before the poll is answered or soon after', async () => {
    const { room, client } = await started();
    const side = runOf('r', [0]);
    room.accept(helloOf('w'), { poll: () => room.update('w', side.done(1).snapshot()) });
    const heard: RoomChange[] = [];
    const stop = client.subscribe((change) => heard.push(change));
    await client.poll();
    await until('the change', () =>
      heard.some(({ runs }) => runs.some(({ run, completed }) => run === 'r' && completed === 2)),
    );
    stop();
  });

  it('comes back to a room that was away', async () => {
    const port = await freePort();
    const first = await startControlRoom({ host: '127.0.0.1', port });
    const client = await RoomClient.connect({ url: first.url });
    cleanups.push(() => client.close());
    await first.close();
    await assert.rejects(client.runs(), ConnectionError);
    let heard = 0;
    client.subscribe(() => heard++);
    const second = await startControlRoom({ host: '127.0.0.1', port });
    cleanups.push(second.close);
    await until('a message of the second room', () => heard > 0);
    assert.deepEqual(await client.runs(), []);
  });

  it('says what is wrong with an address', async () => {
    await assert.rejects(RoomClient.connect({ url: 'room:7460' }), hasCode('EURL'));
    await assert.rejects(RoomClient.connect({ url: 'tcp://room' }), hasCode('EURL'));
    await assert.rejects(RoomClient.connect({ url: `http://127.0.0.1:${await freePort()}` }), hasCode('ECONNREFUSED'));
    const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await assert.rejects(RoomClient.connect({ url }), hasCode('ENOTROOM'));
    other.close();
    const { url: guarded } = await started('secret');
    await assert.rejects(RoomClient.connect({ url: guarded, token: 'other' }), hasCode('ETOKEN'));
    await assert.rejects(RoomClient.connect({ url: guarded }), hasCode('ETOKEN'));
  });

  it('leaves nothing behind', async () => {
    const leaks = watchLeaks();
    const server = await startControlRoom({ host: '127.0.0.1', port: 0 });
    const client = await RoomClient.connect({ url: server.url });
    await client.runs();
    server.room.accept(helloOf('stuck'));
    const poll = client.poll();
    const settled = assert.rejects(poll, ConnectionError);
    await client.close();
    await settled;
    await assert.rejects(client.runs(), ConnectionError);
    await server.close();
    await leaks.settle();
  });
});
