// What must not grow with the jobs that a worker has done: timers, sockets, listeners. Its memory over millions of jobs is measured by
// `just bench long-run`.

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { pushMany, type Rig, withServer } from './worker-rig.ts';

const full = process.env.JOBSTORM_TEST_FULL === '1';
const jobs = full ? 200_000 : 5000;

interface Held {
  timers: number;
  sockets: number;
  listeners: number;
}

/** Of this process, the worker and the server in it among them. */
function held(): Held {
  const resources = process.getActiveResourcesInfo();
  const count = (kind: string) => resources.filter((each) => each === kind).length;
  const handles = (process as unknown as { _getActiveHandles(): unknown[] })._getActiveHandles();
  const emitters = [process, ...handles].filter((handle) => handle instanceof EventEmitter);
  const listenersOf = (emitter: EventEmitter) =>
    emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
  return {
    timers: count('Timeout'),
    sockets: count('TCPSocketWrap'),
    listeners: emitters.reduce((sum, emitter) => sum + listenersOf(emitter), 0),
  };
}

/** A burst of jobs that end at once and of jobs that wait for a timer, to its end. */
async function burst({ client, counts }: Rig): Promise<void> {
  const { processed } = counts();
  await pushMany(client, jobs, 'noop', []);
  await pushMany(client, jobs, 'sleep', [1]);
  await until('all to be done', () => counts().processed === processed + 2 * jobs, { timeoutMs: 120_000 });
}

test('timers, sockets and listeners are as many after many jobs as after a few', async () => {
  await withServer(async (rig) => {
    // As many lanes idle as busy, so that none opens in one burst and not in the other.
    await rig.start({ slots: 500, connections: 4, idleConnections: 4, jobTimeoutMs: 60_000 });
    await burst(rig);
    const before = held();

    for (let i = 0; i < 4; i++) await burst(rig);
    assert.ok(before.sockets > 4 && before.listeners > 8, JSON.stringify(before));
    const grown = () => Object.entries(held()).filter(([kind, count]) => count > before[kind as keyof Held]);
    // A job's own timer may be there for a moment more.
    await until('no more to be held than before', () => grown().length === 0).catch(() => {
      assert.deepEqual(held(), before);
    });
  });
});
