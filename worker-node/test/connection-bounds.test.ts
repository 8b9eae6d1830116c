import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneBounds } from '../src/connection-bounds.ts';

test('both kinds of lanes together keep to the connections, busy and idle', () => {
  for (const connections of [2, 3, 7, 15, 30, 60]) {
    for (const idle of [2, 3, 4]) {
      const { cold, usual, max } = laneBounds({ connections, idle, usual: 8 }, 6000);
      assert.ok(2 * max <= connections && 2 * cold <= idle, `${connections} and ${idle}`);
      assert.ok(1 <= cold && cold <= usual && usual <= max && usual <= 8);
    }
  }
});

test('never more lanes than slots, and at least one', () => {
  assert.deepEqual(laneBounds({ connections: 60, idle: 4, usual: 8 }, 1), { cold: 1, usual: 1, max: 1 });
  assert.deepEqual(laneBounds({ connections: 1, idle: 1, usual: 8 }, 10), { cold: 1, usual: 1, max: 1 });
});
