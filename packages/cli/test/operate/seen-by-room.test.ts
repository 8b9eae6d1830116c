import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import { freePort, until, watchLeaks } from '@jobstorm/testkit';
import { untilSeenByRoom } from '../../src/operate/seen-by-room.ts';
import { idleHello, idleWorker } from '../idle-worker.ts';

test('the worker of this host is waited for, not one of another', async () => {
  const leaks = watchLeaks();
  const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
  try {
    room.room.accept(idleHello('1', 'other'));
    room.room.update('1', idleWorker());
    let [seen, asked] = [false, 0];
    const stats = room.room.stats.bind(room.room);
    room.room.stats = () => {
      asked++;
      return stats();
    };
    const waiting = untilSeenByRoom(room.url, null, 'here').then(() => {
      seen = true;
    });
    await until('it to ask again', () => asked > 2);
    assert.equal(seen, false);
    room.room.accept(idleHello('2', 'here'));
    room.room.update('2', idleWorker());
    await waiting;
  } finally {
    await room.close();
  }
  await leaks.settle();
});

test('without a room there is nothing to wait for', async () => {
  await untilSeenByRoom(`http://127.0.0.1:${await freePort()}`, null, 'here');
});
