import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dice, type Purpose, purposes } from '../src/dice.ts';

const all = Object.keys(purposes) as Purpose[];

test('a throw follows from seed, number and purpose, and from nothing else', () => {
  assert.equal(dice(1, 2, 'kind'), dice(1, 2, 'kind'));
  const throws = new Set([dice(1, 2, 'kind'), dice(2, 2, 'kind'), dice(1, 3, 'kind'), dice(1, 2, 'fail')]);
  assert.equal(throws.size, 4);
});

test('throws are spread evenly, whatever the seed and the purpose', () => {
  const [count, cells] = [100_000, 100];
  for (const seed of [0, 1, 12_345, 4_294_967_295]) {
    for (const purpose of all) {
      const seen = new Float64Array(cells);
      for (let seq = 0; seq < count; seq++) seen[Math.floor(dice(seed, seq, purpose) * cells)]!++;
      const each = count / cells;
      const chiSquare = seen.reduce((sum, n) => sum + (n - each) ** 2 / each, 0);
      // 99 degrees of freedom: beyond 170 once in a hundred thousand.
      assert.ok(chiSquare < 170, `seed ${seed}, ${purpose}: ${chiSquare}`);
    }
  }
});

test('throws of neighbours, of purposes and of seeds have nothing to do with each other', () => {
  const count = 50_000;
  const pairs: [string, (seq: number) => [number, number]][] = [
    ['neighbours', (seq) => [dice(7, seq, 'service'), dice(7, seq + 1, 'service')]],
    ['purposes', (seq) => [dice(7, seq, 'kind'), dice(7, seq, 'fail')]],
    ['seeds', (seq) => [dice(7, seq, 'kind'), dice(8, seq, 'kind')]],
  ];
  for (const [what, pair] of pairs) {
    let product = 0;
    for (let seq = 0; seq < count; seq++) {
      const [a, b] = pair(seq);
      product += (a - 0.5) * (b - 0.5);
    }
    // The correlation; its standard deviation is 1 / sqrt(count).
    assert.ok(Math.abs((product / count) * 12) < 5 / Math.sqrt(count), `${what}: ${(product / count) * 12}`);
  }
});
