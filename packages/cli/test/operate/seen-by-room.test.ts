import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import type { Hello, WorkerSnapshot } from '@jobstorm/telemetry';
import { freePort, until, watchLeaks } from '@jobstorm/testkit';
import { untilSeenByRoom } from '../../src/operate/seen-by-room.ts';

const hello = (id: string, host: string): Hello => ({
  type: 'hello',
  part: 'worker',
  id,
  host,
  pid: 7,
  version: '1',
  startedAtMs: 1,
  capCores: 2,
  group: id,
});
const snapshot: WorkerSnapshot = {
  type: 'worker',
  sentAtUs: 1,
  state: 'running',
  connected: true,
  slots: { total: 10, running: 0 },
  connections: 1,
  totals: { fetched: 0, completed: 0, failed: 0 },
  usage: { cpuUs: 1, rssBytes: 1, loopDelayP99Us: null },
  runs: [],
};

test('the worker of this host is waited for, not one of another', async () => {
  const leaks = watchLeaks();
  const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
  try {
    room.room.accept(hello('1', 'other'));
    room.room.update('1', snapshot);
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
    room.room.accept(hello('2', 'here'));
    room.room.update('2', snapshot);
    await waiting;
  } finally {
    await room.close();
  }
  await leaks.settle();
});

test('without a room there is nothing to wait for', async () => {
  await untilSeenByRoom(`http://127.0.0.1:${await freePort()}`, null, 'here');
});
