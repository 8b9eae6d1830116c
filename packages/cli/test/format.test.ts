import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, micros, rate, seconds, sparkline, table, whole } from '../src/format.ts';

test('figures as people read them', () => {
  assert.equal(whole(1234567.8), '1,234,568');
  assert.deepEqual([rate(12.34), rate(99.94), rate(123456)], ['12.3/s', '99.9/s', '123,456/s']);
  assert.deepEqual(
    [micros(0), micros(999), micros(4123), micros(412_300), micros(2_500_000)],
    ['0 us', '999 us', '4.12 ms', '412 ms', '2.50 s'],
  );
  assert.deepEqual([seconds(0.314), seconds(42.42), seconds(200)], ['0.31 s', '42.4 s', '3 min 20 s']);
  assert.deepEqual([bytes(2048), bytes(85 * 1024 ** 2), bytes(1.5 * 1024 ** 3)], ['2 KiB', '85 MiB', '1.50 GiB']);
});

test('a sparkline: from 0 to the most, neighbours averaged where there are too many', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], 20), '▁▂▃▄▅▆▇██');
  assert.equal(sparkline([0, 0, 8, 8], 2), '▁█');
  assert.equal(sparkline([0, 0], 5), '▁▁');
  assert.equal(sparkline([], 5), '');
  assert.equal(
    sparkline(
      Array.from({ length: 1000 }, (_, at) => at),
      40,
    ).length,
    40,
  );
});

test('a table: names to the left, figures to the right', () => {
  assert.deepEqual(
    table([
      ['part', 'cores'],
      ['api', '0.5'],
      ['generator', '10.25'],
    ]),
    ['part       cores', 'api          0.5', 'generator  10.25'],
  );
});
