import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client, ServerInfo } from '@jobstorm/protocol';
import { DepthSampler, heldOf } from '../src/sampler.ts';

function info(
  queues: Record<string, number>,
  sets?: { working: number; retries: number; scheduled: number; dead: number },
) {
  return { faktory: { queues, ...(sets ? { sets } : {}) } } as unknown as ServerInfo;
}

test('depth is the run’s own queue; held is all that could still bring a job', () => {
  const sets = { working: 3, retries: 2, scheduled: 1, dead: 50 };
  assert.deepEqual(heldOf(info({ jobstorm: 10, other: 99 }, sets), ['jobstorm']), { depth: 10, all: 16 });
  assert.deepEqual(heldOf(info({ other: 99 }, sets), ['jobstorm']), { depth: 0, all: 6 });
  assert.deepEqual(heldOf(info({ jobstorm: 10 }), ['jobstorm']), { depth: 10, all: null });
});

test('a server that is away leaves no sample and nothing known', async () => {
  const answers: (() => ServerInfo)[] = [
    () => info({ q: 5 }, { working: 0, retries: 0, scheduled: 0, dead: 0 }),
    () => {
      throw new Error('away');
    },
  ];
  const client = { info: async () => answers.shift()!(), queueLatency: async () => ({ q: 1.5 }) };
  const sampler = new DepthSampler(client as unknown as Client, ['q']);
  await sampler.ask();
  assert.deepEqual(sampler.latest, { depth: 5, all: 5, oldestJobS: 1.5 });
  await sampler.stop();
  assert.equal(sampler.latest, null);
  assert.deepEqual(
    sampler.samples.map(({ depth }) => depth),
    [5],
  );
});

test('a server that does not tell ages is asked for its depth all the same', async () => {
  const client = {
    info: async () => info({ q: 5 }),
    queueLatency: async () => {
      throw new Error('ERR Unknown command QUEUE');
    },
  };
  const sampler = new DepthSampler(client as unknown as Client, ['q']);
  await sampler.stop();
  assert.deepEqual(sampler.latest, { depth: 5, all: null, oldestJobS: null });
});
