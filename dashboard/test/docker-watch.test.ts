// The watch over containers, against an engine and a clock that do what a test says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@jobstorm/testkit';
import type { ContainerIdentity, ContainerReading } from '../src/container-usage.ts';
import type { Engine } from '../src/docker-engine.ts';
import { DockerWatch } from '../src/docker-watch.ts';

const host = { name: 'rack1', cores: 8, memoryBytes: 1000 };

function identity(id: string, state = 'running'): ContainerIdentity {
  return { id, name: `demo-${id}`, project: 'demo', service: id, image: 'x', state };
}

function reading(cpuUs: number): ContainerReading {
  const rest = { memoryBytes: 1, networkRxBytes: 0, networkTxBytes: 0, blockReadBytes: 0, blockWriteBytes: 0 };
  return { readAtMs: 1, cpuUs, periods: 0, throttledPeriods: 0, throttledUs: 0, ...rest };
}

/** Time stands still but for pauses, which end when the test says `tick`. */
function stage(t: { after(end: () => Promise<void>): void }) {
  const asked: string[] = [];
  const changes: (string | null)[] = [];
  let list = [identity('a'), identity('b')];
  let failure: Error | null = null;
  let held: Promise<void> | null = null;
  let nowMs = 0;
  let rounds = 0;
  let pause: { ms: number; done: () => void } | null = null;
  const answer = async <T>(what: string, value: () => T): Promise<T> => {
    asked.push(what);
    if (failure) throw failure;
    if (what.startsWith('reading') && held) await held;
    return value();
  };
  const engine: Engine = {
    host: () => answer('host', () => host),
    containers: () => answer('list', () => list),
    limits: (id) => answer(`limits ${id}`, () => ({ capCores: 2, memoryLimitBytes: null })),
    reading: (id) =>
      answer(`reading ${id}`, () =>
        list.find((one) => one.id === id)?.state === 'running' ? reading(asked.length) : null,
      ),
  };
  const watch = new DockerWatch({
    engine,
    host: { name: '', cores: 1, memoryBytes: 1 },
    now: () => nowMs,
    after: (ms, done) => {
      pause = { ms, done };
      return () => {
        pause = null;
      };
    },
    onRound: () => {
      rounds += 1;
    },
    onChange: (unavailable) => changes.push(unavailable),
  });
  const paused = () => until('the watch to pause', () => pause, { intervalMs: 0 });
  /** Ends the pause; settles at the next one with how long it would take. */
  const tick = async (): Promise<number> => {
    const { ms, done } = await paused();
    pause = null;
    nowMs += ms;
    done();
    return (await paused()).ms;
  };
  t.after(() => watch.stop());
  watch.start();
  return {
    watch,
    asked,
    changes,
    paused,
    tick,
    rounds: () => rounds,
    set: (next: ContainerIdentity[]) => {
      list = next;
    },
    fail: (error: Error | null) => {
      failure = error;
    },
    hold: (until: Promise<void> | null) => {
      held = until;
    },
  };
}

const names = (watch: DockerWatch) => watch.containers().map(({ name, state }) => `${name} ${state}`);

test('one container after the other, spread over a second, limits and list now and then', async (t) => {
  const { watch, asked, paused, tick } = stage(t);
  assert.equal((await paused()).ms, 500);
  assert.equal(await tick(), 500);
  assert.deepEqual(asked, ['host', 'list', 'limits a', 'reading a', 'limits b', 'reading b']);
  assert.deepEqual(names(watch), ['demo-a running', 'demo-b running']);
  assert.deepEqual(watch.view().hostCores, 8);
  asked.length = 0;
  for (let turns = 0; turns < 24; turns++) await tick();
  const count = (what: string) => asked.filter((one) => one === what).length;
  assert.deepEqual([count('reading a'), count('reading b')], [12, 12]);
  assert.deepEqual([count('limits a'), count('list'), count('host')], [1, 6, 0]);
});

test('with many containers the gap has a floor, so that a round takes longer', async (t) => {
  const { paused, tick, set } = stage(t);
  set(Array.from({ length: 40 }, (_, i) => identity(`c${i}`)));
  await paused();
  for (let turns = 0; turns < 4; turns++) await tick(); // until the list is asked for again
  assert.equal(await tick(), 100);
});

test('a container that comes is read, one that ends keeps its last reading, one that is removed goes', async (t) => {
  const { watch, tick, set } = stage(t);
  await tick();
  set([identity('a', 'exited'), identity('b'), identity('c')]);
  for (let turns = 0; turns < 6; turns++) await tick();
  assert.deepEqual(names(watch), ['demo-a exited', 'demo-b running', 'demo-c running']);
  set([identity('b')]);
  for (let turns = 0; turns < 8; turns++) await tick();
  assert.deepEqual(names(watch), ['demo-b running']);
});

test('an engine that goes is said to be unavailable, with the last readings, and found again', async (t) => {
  const { watch, changes, tick, fail, asked, rounds } = stage(t);
  await tick();
  fail(new Error('no Docker engine answers'));
  while (watch.view().unavailable === null) await tick();
  assert.equal(watch.view().unavailable, 'no Docker engine answers');
  assert.deepEqual(names(watch), ['demo-a running', 'demo-b running']);
  const before = rounds();
  assert.equal(await tick(), 2000);
  assert.equal(rounds(), before + 1, 'alive all the same');
  fail(null);
  asked.length = 0;
  for (let turns = 0; turns < 3; turns++) await tick();
  assert.equal(watch.view().unavailable, null);
  assert.deepEqual(asked.slice(0, 2), ['host', 'list']);
  assert.deepEqual(changes, ['no Docker engine answers', null]);
});

test('an engine that holds its answers holds up nobody else, and is never asked twice for one container', async (t) => {
  const { watch, asked, tick, hold, paused } = stage(t);
  await paused();
  await tick();
  let release = () => {};
  hold(
    new Promise<void>((resolve) => {
      release = resolve;
    }),
  );
  asked.length = 0;
  for (let turns = 0; turns < 6; turns++) await tick();
  assert.deepEqual(
    asked.filter((what) => what.startsWith('reading')),
    ['reading a', 'reading b'],
  );
  const stopped = watch.stop();
  release();
  await stopped;
});
