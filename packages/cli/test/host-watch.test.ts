import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDiskStats } from '../src/host-watch.ts';

test('disks count as wholes', () => {
  const disks =
    '   8 0 sda 1 2 3 4 5 6 7 8 9 1234 11\n   8 1 sda1 1 2 3 4 5 6 7 8 9 99 11\n 254 0 vda 1 2 3 4 5 6 7 8 9 55 11\n';
  assert.deepEqual(
    [...parseDiskStats(disks)],
    [
      ['sda', 1234],
      ['vda', 55],
    ],
  );
});
