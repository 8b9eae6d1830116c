import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '@jobstorm/testkit';
import fc from 'fast-check';
import { type JobText, makeStamp, writeJob } from '../src/job-text.ts';
import { QueueList } from '../src/queue-list.ts';
import { Queues } from '../src/queues.ts';

const job: JobText = writeJob({ jid: 'job-00001', jobtype: 't', args: [] }, makeStamp('S'), true);
const nameOf = (i: number) => `queue-${i}`;
const count = 70;

const place = fc.nat({ max: count - 1 });
const act = fc.record({
  kind: fc.constantFrom('push', 'push', 'take', 'take', 'pause', 'resume', 'remove', 'clear', 'flood'),
  place,
});

function apply(queues: Queues, { kind, place }: { kind: string; place: number }): void {
  const queue = queues.get(nameOf(place));
  if (kind === 'push') queues.append(queues.obtain(nameOf(place)), job, 0);
  else if (kind === 'clear') queues.clear();
  else if (kind === 'remove') queues.remove(nameOf(place));
  else if (kind === 'flood') for (let i = 0; i < 1100; i++) queues.arrivals.add('queue of nobody');
  else if (queue && kind !== 'take') queues.setPaused(queue, kind === 'pause');
}

test('a long list with marks finds the queue that looking through it finds, whatever happens to queues', () => {
  const names = fc.array(place.map(nameOf), { minLength: 9, maxLength: 100 });
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 3 }), fc.array(act, { maxLength: 200 }), (lists, acts) => {
      const queues = new Queues();
      const pairs = lists.map((list) => ({
        plain: new QueueList(list.join(' ')),
        marked: Object.assign(new QueueList(list.join(' ')), { isRepeated: true }),
      }));
      for (const [i, each] of acts.entries()) {
        apply(queues, each);
        const { plain, marked } = pairs[i % pairs.length]!;
        const found = marked.firstReady(queues);
        assert.equal(found?.name, plain.firstReady(queues)?.name);
        if (each.kind === 'take') found?.take();
      }
    }),
    { numRuns: 300, seed: testSeed() },
  );
});

test('names that no queue has, and one named twice, are no trouble', () => {
  const queues = new Queues();
  const list = new QueueList(`${'a '.repeat(40)}b a`);
  list.isRepeated = true;
  assert.equal(list.firstReady(queues), null);
  queues.append(queues.obtain('b'), job, 0);
  assert.equal(list.firstReady(queues)?.name, 'b');
  queues.append(queues.obtain('a'), job, 0);
  assert.equal(list.firstReady(queues)?.name, 'a');
  queues.get('a')!.take();
  assert.equal(list.firstReady(queues)?.name, 'b');
});
