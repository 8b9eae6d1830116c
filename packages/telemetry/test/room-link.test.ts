import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { watchLeaks } from '@jobstorm/testkit';
import { WebSocketServer } from 'ws';
import { RoomLink } from '../src/room-link.ts';

const unexpected = () => assert.fail('nothing was to be heard');

describe('RoomLink', () => {
  it('can be closed while it connects to somebody who never answers', async () => {
    const leaks = watchLeaks();
    const accepted: Socket[] = [];
    const mute = createServer((socket) => accepted.push(socket.on('error', () => {}))).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const url = `ws://127.0.0.1:${(mute.address() as AddressInfo).port}/parts`;
    const link = new RoomLink({ url, onOpen: unexpected, onText: unexpected, onAway: unexpected });
    await once(mute, 'connection');
    assert.equal(link.send('lost'), false);
    await link.close();
    for (const socket of accepted) socket.destroy();
    mute.close();
    await leaks.settle();
  });

  it('can be closed between two attempts, and does not try again', async () => {
    const leaks = watchLeaks();
    const link = await new Promise<RoomLink>((resolve) => {
      const made: RoomLink = new RoomLink({
        url: 'ws://127.0.0.1:1/parts',
        onOpen: unexpected,
        onText: unexpected,
        onAway: () => resolve(made),
      });
    });
    await link.close();
    await leaks.settle();
    assert.equal(link.open, false);
  });

  it('ends a connection that sends more than it takes, with the reason, and tries again', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (socket) => socket.send('x'.repeat(101)));
    let opened = 0;
    const reasons: string[] = [];
    const link = await new Promise<RoomLink>((resolve) => {
      const made: RoomLink = new RoomLink({
        url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
        maxPayloadBytes: 100,
        onOpen: () => opened++,
        onText: unexpected,
        onAway: (reason) => reasons.push(reason) === 2 && resolve(made),
      });
    });
    await link.close();
    assert.equal(opened, 2);
    assert.match(reasons[0]!, /payload/i);
    await new Promise((resolve) => server.close(resolve));
  });
});
