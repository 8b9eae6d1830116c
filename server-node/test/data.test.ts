import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openData } from '../src/data.ts';
import { State } from '../src/state.ts';
import { FakeDisk } from './journal/fake-disk.ts';

test('a folder that can not be used is refused with what to do about it', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-data-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'file');
  writeFileSync(file, '');
  const open = (folder: string, disk?: FakeDisk) =>
    openData({ folder, fsync: 'always', say: () => {}, ...(disk ? { disk } : {}) }, new State());
  await assert.rejects(open(file), { code: 'EDATA', message: /file: that is a file; expected a folder/ });
  await assert.rejects(open(join(file, 'in')), { code: 'EDATA', message: /a part of that path is a file/ });
  const full = new FakeDisk();
  full.capacity = 0;
  const message = /its disk is full, and a start takes 2 MiB: make room and start again/;
  await assert.rejects(open(join(dir, 'full'), full), { code: 'EDATA', message });
});
