import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTimestamp, parseTimestamp } from '../src/timestamp.ts';
import { fakeEpochUs } from './fake-clock.ts';

test('times are written in UTC with microseconds', () => {
  assert.equal(formatTimestamp(fakeEpochUs), '2026-01-02T03:04:05.000006Z');
  assert.equal(formatTimestamp(1_700_000_000_123_456), '2023-11-14T22:13:20.123456Z');
  assert.equal(formatTimestamp(1_700_000_000_000_000), '2023-11-14T22:13:20.000000Z');
  assert.equal(formatTimestamp(1_700_000_000_999_999), '2023-11-14T22:13:20.999999Z');
  assert.equal(formatTimestamp(1_699_999_999_999_999), '2023-11-14T22:13:19.999999Z');
  assert.equal(formatTimestamp(-1), '1969-12-31T23:59:59.999999Z');
});

test('any zone and fraction is read', () => {
  const base = Date.UTC(2026, 0, 2, 3, 4, 5);
  assert.equal(parseTimestamp('2026-01-02T03:04:05Z'), base);
  assert.equal(parseTimestamp('2026-01-02T04:34:05+01:30'), base);
  assert.equal(parseTimestamp('2026-01-01T22:04:05-05:00'), base);
  assert.equal(parseTimestamp('2026-01-02T03:04:05.25Z'), base + 250);
  assert.equal(parseTimestamp('2026-01-02T03:04:05,5Z'), base + 500);
  assert.equal(parseTimestamp('2024-02-29T00:00:00Z'), Date.UTC(2024, 1, 29));
  assert.equal(new Date(parseTimestamp('0001-01-01T00:00:00Z')!).toISOString(), '0001-01-01T00:00:00.000Z');
});

test('what is no RFC 3339 time with a zone is refused', () => {
  const bad = [
    '',
    'tomorrow',
    '2026-01-02',
    '2026-01-02T03:04:05',
    '2026-01-02t03:04:05z',
    '2026-01-02T03:04:05+0100',
    '2026-13-02T03:04:05Z',
    '2026-02-30T03:04:05Z',
    '2025-02-29T03:04:05Z',
    '2026-01-00T03:04:05Z',
    '2026-01-02T24:00:00Z',
    '2026-01-02T03:60:05Z',
    '2026-01-02T03:04:60Z',
    '2026-01-02T03:04:05+25:00',
    ' 2026-01-02T03:04:05Z',
  ];
  for (const text of bad) assert.equal(parseTimestamp(text), null, text);
});
