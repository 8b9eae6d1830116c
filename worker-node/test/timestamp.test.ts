import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseStampUs } from '../src/timestamp.ts';

const baseMs = Date.parse('2026-11-22T20:42:32Z');

test('every count of fraction digits gives whole microseconds, finer ones cut off', () => {
  const digits = '123456789';
  for (let count = 0; count <= 9; count++) {
    const fraction = count === 0 ? '' : `.${digits.slice(0, count)}`;
    const expected = baseMs * 1000 + Number(digits.slice(0, Math.min(count, 6)).padEnd(6, '0'));
    assert.equal(parseStampUs(`2026-11-22T20:42:32${fraction}Z`), expected, `${count} digits`);
  }
});

test('it agrees with Date.parse, whatever stamps come one after the other', () => {
  const aTime = fc.date({ min: new Date(0), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.array(aTime, { minLength: 1, maxLength: 5 }), (times) => {
      for (const time of times) assert.equal(parseStampUs(time.toISOString()), time.getTime() * 1000);
    }),
  );
});

test('the second, minute and day of the stamp before are not taken for this one', () => {
  for (const stamp of ['2026-11-22T20:42:59.9Z', '2026-11-22T20:43:00.1Z', '2026-11-23T20:43:00.1Z'])
    assert.equal(parseStampUs(stamp), Date.parse(stamp) * 1000);
});

test('other zones are read as well, also behind a stamp of the same wall-clock second', () => {
  assert.equal(parseStampUs('2026-11-22T20:42:32.5Z'), (baseMs + 500) * 1000);
  assert.equal(parseStampUs('2026-11-22T20:42:32.5+02:00'), (baseMs - 2 * 3_600_000 + 500) * 1000);
  assert.equal(parseStampUs('2026-11-22T20:42:32-01:30'), (baseMs + 5_400_000) * 1000);
  assert.equal(parseStampUs('2026-11-22T20:42:32.25Z'), (baseMs + 250) * 1000);
});

test('what is no stamp is NaN', () => {
  parseStampUs('2026-11-22T20:42:32Z');
  const garbage = [
    '',
    'Z',
    'yesterday',
    '2026-11-22',
    '2026-11-22T20:42:32',
    '2026-13-45T99:99:99Z',
    'xxxxxxxxxxxxxxxxxxxxxxxZ',
    '2026-11-22T20:42:32.xyzZ',
    '2026-11-22T20:42:32.1x3Z',
    '2026-11-22T20:42:32.Z',
    '2026-11-22T20:42:32,5Z',
    '2026-11-22T20:42:32.123456 7Z',
    '2026-11-22T20:42:32 what else?',
  ];
  for (const stamp of garbage) assert.ok(Number.isNaN(parseStampUs(stamp)), stamp);
});
