// Keeps the directions of imports in this repository; the rules are in src/import-rules.ts, and broken samples in its own test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importProblems } from '../src/import-rules.ts';
import { readWorkspaces } from '../src/source-tree.ts';

test('imports follow the layers, and every file keeps the rules of the house', () => {
  const { workspaces, shared } = readWorkspaces(fileURLToPath(new URL('../../../', import.meta.url)));
  assert.ok(workspaces.length >= 10, `found only ${workspaces.length} workspaces`);
  assert.deepEqual(importProblems(workspaces, shared), []);
});
