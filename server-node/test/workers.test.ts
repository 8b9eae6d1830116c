import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silenceMs, Workers } from '../src/workers.ts';

const identity = { wid: '__proto__', hostname: 'h', pid: 1, labels: ['a'] };
const connection = () => {
  const seen = { drops: 0, drop: () => void seen.drops++ };
  return seen;
};

test('an entry lives while it has a connection and keeps what the first one said', () => {
  const workers = new Workers();
  const [first, second] = [connection(), connection()];
  const worker = workers.join(identity, first, 0);
  assert.equal(workers.join({ ...identity, hostname: 'other' }, second, 5), worker);
  assert.equal(worker.identity.hostname, 'h');
  workers.leave(worker, first);
  assert.equal(workers.get('__proto__'), worker);
  workers.leave(worker, second);
  assert.equal(workers.get('__proto__'), undefined);
  assert.equal(workers.size, 0);
});

test('states go one way', () => {
  const worker = new Workers().join(identity, connection(), 0);
  worker.advance('quiet');
  worker.advance('running');
  assert.equal(worker.state, 'quiet');
  worker.advance('terminate');
  worker.advance('quiet');
  assert.equal(worker.state, 'terminate');
});

test('the silent are reaped with their connections, and a late goodbye of theirs harms nobody', () => {
  const workers = new Workers();
  const [silent, lively] = [connection(), connection()];
  const old = workers.join(identity, silent, 0);
  workers.join({ ...identity, wid: 'lively' }, lively, 1);
  workers.reap(silenceMs);
  assert.equal(workers.size, 2);
  workers.reap(silenceMs + 1);
  assert.deepEqual([silent.drops, lively.drops, workers.size, workers.reaped], [1, 0, 1, 1]);
  const again = workers.join(identity, connection(), silenceMs);
  workers.leave(old, silent);
  assert.equal(workers.get('__proto__'), again);
});
