import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate } from '../src/gate.ts';

test('lets its width through, and the others in their order, also past newcomers', async () => {
  const gate = new Gate(2);
  assert.deepEqual([gate.tryEnter(), gate.tryEnter(), gate.tryEnter()], [true, true, false]);
  const entered: string[] = [];
  const first = gate.wait().then(() => entered.push('first'));
  const second = gate.wait().then(() => entered.push('second'));
  gate.leave();
  assert.equal(gate.tryEnter(), false, 'the place belongs to who waited');
  await first;
  assert.deepEqual(entered, ['first']);
  gate.leave();
  await second;
  assert.deepEqual(entered, ['first', 'second']);
  gate.leave();
  gate.leave();
  assert.equal(gate.inside, 0);
  assert.equal(gate.tryEnter(), true);
});
