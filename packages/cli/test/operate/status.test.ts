import assert from 'node:assert/strict';
import { test } from 'node:test';
import { age, statusTable } from '../../src/operate/status.ts';

test('ages as people say them', () => {
  const s = 1000;
  assert.deepEqual([0, 8.4 * s, 200 * s, 5 * 3600 * s, 50 * 3600 * s].map(age), [
    '0 s',
    '8 s',
    '3 min 20 s',
    '5 h 0 min',
    '2 d 2 h',
  ]);
});

test('a table with columns to the left, in the order of a job through the parts', () => {
  const part = {
    part: 'worker',
    name: 'w-1',
    state: 'running',
    health: 'healthy',
    since: '2026-01-01T00:00:00Z',
    address: null,
  };
  const gone = { part: 'api', name: 'a-1', state: 'exited (1)', health: null, since: null, address: '0.0.0.0:3000' };
  assert.deepEqual(statusTable([part, gone], Date.parse('2026-01-01T00:01:00Z')), [
    'part    state             for   address       name',
    'api     exited (1)        -     0.0.0.0:3000  a-1',
    'worker  running, healthy  60 s  -             w-1',
  ]);
});
