import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '@jobstorm/testkit';
import fc from 'fast-check';
import { LiveIds } from '../../src/journal/live-ids.ts';

const id = fc.oneof(fc.nat(200_000), fc.integer({ min: 2 ** 40, max: 2 ** 40 + 200_000 }));
const step = fc.record({ do: fc.constantFrom('add', 'remove', 'shrink'), id });

test('it is a set of numbers, whatever was added, removed and shrunk', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), id, id, (steps, a, b) => {
      const ids = new LiveIds();
      const expected = new Set<number>();
      for (const each of steps) {
        if (each.do === 'add') assert.equal(ids.add(each.id), !expected.has(each.id));
        else if (each.do === 'remove') ids.remove(each.id);
        else ids.shrink(each.id);
        if (each.do === 'add') expected.add(each.id);
        else if (each.do === 'remove') expected.delete(each.id);
      }
      for (const { id } of steps) assert.equal(ids.has(id), expected.has(id));
      const [first, end] = a < b ? [a, b] : [b, a];
      const between = [...expected].filter((each) => each >= first && each < end).length;
      assert.equal(ids.count(first, end), between);
      ids.clear();
      assert.equal(ids.count(0, 2 ** 41), 0);
    }),
    { seed: testSeed() },
  );
});
