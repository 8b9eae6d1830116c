import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Room } from '@jobstorm/dashboard';
import type { Client } from '@jobstorm/protocol';
import type { ChildPart } from '../src/child-part.ts';
import { readPerfTest } from '../src/config.ts';
import type { ControlLink } from '../src/control.ts';
import type { Nest } from '../src/nest.ts';
import { withWorker } from '../src/own-worker.ts';
import { readScenarioRun } from '../src/scenario-choice.ts';

/** To a server that is away. */
const client = { connected: false } as Client;

/** A nest whose workers are there at once, and gone when they are told to. */
function world() {
  const started: string[][] = [];
  let live = 0;
  const parts: ChildPart[] = [];
  const nest = {
    parts,
    finish: (work: Promise<unknown>) => work,
    async start(name: string, args: string[]) {
      started.push(args);
      live++;
      const part = {
        name,
        ready: Promise.resolve({ processes: 1 }),
        unexpectedEnd: null,
        isRunning: true,
        async stop() {
          this.isRunning = false;
          live--;
        },
      };
      parts.push(part as unknown as ChildPart);
      return parts.at(-1)!;
    },
  } as unknown as Nest;
  const workers = () => Array.from({ length: live }, () => ({ state: { connected: true } }));
  const room = { workers, poll: async () => {} } as unknown as Room;
  const control = { own: true, url: 'ws://127.0.0.1:1', room } as unknown as ControlLink;
  const address = { host: '127.0.0.1', port: 1, password: null };
  const boot = { nest, control, address, notes: [], bearer: null, seesServer: false };
  return { started, boot, live: () => live };
}

test('a worker that was held back is started once, and again after it was held anew', async () => {
  const { started, boot, live } = world();
  const cluster = withWorker({ ...boot, config: readPerfTest(['--concurrency', '7'], {}) }, { worker: null, client });
  await cluster.hold();
  await cluster.release();
  await cluster.release();
  assert.deepEqual([live(), started.map(([slots]) => slots)], [1, ['7']]);
  await cluster.hold();
  assert.deepEqual([live(), cluster.worker], [0, null]);
  await cluster.release();
  assert.equal(live(), 1);
});

test('one that takes another’s place stays that one, also when it is held back', async () => {
  const { started, boot } = world();
  const cluster = withWorker({ ...boot, config: readPerfTest(['--concurrency', '7'], {}) }, { worker: null, client });
  await assert.rejects(cluster.replace(readPerfTest([], {})), /run already and are kept as they are/);
  await cluster.release();
  await cluster.replace(readPerfTest(['--concurrency', '9'], {}));
  await cluster.hold();
  await cluster.release();
  assert.deepEqual(
    started.map(([slots]) => slots),
    ['7', '9', '9'],
  );
});

test('it fetches from every queue of a scenario, none before another', async () => {
  const { started, boot } = world();
  const config = await readScenarioRun(['--scenario', 'faktory-load', '--queue', 'q'], {});
  await withWorker({ ...boot, config }, { worker: null, client }).release();
  assert.deepEqual(started[0]!.slice(started[0]!.indexOf('--queues'), started[0]!.indexOf('--control')), [
    '--queues',
    'q-1:1,q-2:1,q-3:1,q-4:1,q-5:1',
  ]);
});
