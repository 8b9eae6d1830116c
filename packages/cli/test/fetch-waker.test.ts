import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkerView } from '@jobstorm/dashboard';
import type { Job, ServerInfo } from '@jobstorm/protocol';
import { type WakerOptions, wakeUntil } from '../src/fetch-waker.ts';

/** A job server with one queue and a worker that leaves, has so many FETCHes out, and ends when the last one is answered. */
class World {
  readonly jobs: Job[] = [];
  readonly acked: string[] = [];
  taken = 0;
  state = 'terminate';
  isFull = false;
  #out: number;
  #end = () => {};
  readonly ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  constructor(out: number) {
    this.#out = out;
  }

  end(): void {
    this.#end();
  }

  push(job: Job): void {
    if (this.#out === 0) this.jobs.push(job);
    else {
      this.taken++;
      if (--this.#out === 0) this.#end();
    }
  }

  get options(): WakerOptions {
    const client: WakerOptions['client'] = {
      connected: true,
      info: async () => ({ faktory: { queues: { q: this.jobs.length } } }) as unknown as ServerInfo,
      pushBulk: async (jobs) => {
        if (this.isFull) return Object.fromEntries(jobs.map(({ jid }) => [jid, 'no room']));
        for (const job of jobs) this.push(job);
        return {};
      },
      fetch: async () => this.jobs.shift() ?? null,
      ack: async (jid) => void this.acked.push(jid),
    };
    const workers = () => [{ state: { state: this.state } }] as unknown as WorkerView[];
    return { client, queue: 'q', room: { poll: async () => {}, workers } };
  }
}

test('a worker gets a job for each FETCH that it has out, and what it does not take is taken back', async () => {
  const world = new World(12);
  await wakeUntil(world.ended, world.options);
  assert.equal(world.taken, 12);
  assert.deepEqual(world.jobs, []);
  assert.equal(world.acked.length, 1 + 2 + 4 + 8 - 12);
});

test("somebody else's job goes back to the queue before it is acknowledged", async () => {
  const world = new World(2);
  const other: Job = { jid: 'of-others', jobtype: 'add', args: [] };
  void world.ended.then(() => world.push(other));
  await wakeUntil(world.ended, world.options);
  assert.deepEqual(world.jobs, [other]);
});

test("somebody else's job that can't go back is not acknowledged: the server hands it out again", async () => {
  const world = new World(2);
  void world.ended.then(() => {
    world.isFull = true;
    world.push({ jid: 'of-others', jobtype: 'add', args: [] });
  });
  await wakeUntil(world.ended, world.options);
  assert.equal(world.acked.includes('of-others'), false);
  assert.deepEqual(world.jobs, []);
});

test('nothing is added while jobs wait, or the worker has not been told to leave yet', async () => {
  const waiting = new World(5);
  waiting.jobs.push({ jid: 'waits', jobtype: 'add', args: [] });
  const running = new World(5);
  running.state = 'running';
  for (const world of [waiting, running]) {
    const settled = wakeUntil(world.ended, world.options);
    setTimeout(() => world.end(), 30);
    await settled;
    assert.equal(world.taken, 0);
  }
  assert.equal(waiting.jobs.length, 1);
});

test('a worker that waits for its jobs does not flood another one that fetches from the queue', async () => {
  const world = new World(100_000);
  const { client, queue, room } = world.options;
  const pushBulk: typeof client.pushBulk = (jobs) => {
    const answer = client.pushBulk(jobs);
    if (world.taken >= 1024) setTimeout(() => world.end(), 50);
    return answer;
  };
  await wakeUntil(world.ended, { client: { ...client, pushBulk }, queue, room });
  assert.equal(world.taken, 1024);
});

test('without a server it ends when the worker does, as the worker does', async () => {
  const { client, ...rest } = new World(1).options;
  const away = { ...client, info: () => Promise.reject(new Error('away')) };
  await assert.rejects(wakeUntil(Promise.reject(new Error('killed')), { client: away, ...rest }), /killed/);
  assert.equal(await wakeUntil(Promise.resolve(7), { client: away, ...rest }), 7);
});
