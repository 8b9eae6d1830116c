import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { importsOf, packageOf, readWorkspaces } from '../src/source-tree.ts';

/** § stands for the quote, so that this file's own imports are all that a reader of it finds. */
const quoted = (lines: string[]) => lines.join('\n').replaceAll('§', "'");

test('every form of import is found, once', () => {
  const text = quoted([
    'import a from §a§;',
    'import type { B } from "b";',
    'import {',
    '  c,',
    '  d,',
    '} from §c§;',
    'import §side-effect§;',
    'export { e } from §e§;',
    'export * from §f§;',
    'const g = await import(§g§);',
    'const again = import(',
    '  §g§',
    ');',
    'const h = require(§h§);',
    'const path = import.meta.resolve(§i/deep§);',
  ]);
  assert.deepEqual(importsOf(text).sort(), ['a', 'b', 'c', 'e', 'f', 'g', 'h', 'i/deep', 'side-effect']);
});

test('comments, texts and plain exports are no imports', () => {
  const text = quoted([
    '// import x from §x§;',
    '/* import y from §y§; */',
    ' * const z = await import(§z§);',
    'export const from = §nowhere§;',
    'export function f(text: string) { return text === §elsewhere§; }',
    'const sentence = "we import things from §somewhere§ else";',
  ]);
  assert.deepEqual(importsOf(text), []);
});

test('the package is the first part of a name, or the first two of a scoped one', () => {
  assert.equal(packageOf('ws'), 'ws');
  assert.equal(packageOf('ws/lib/sender.js'), 'ws');
  assert.equal(packageOf('@sinclair/typebox/value'), '@sinclair/typebox');
});

test('the workspaces of this repository are read, sources and tests', () => {
  const { workspaces, shared } = readWorkspaces(fileURLToPath(new URL('../../../', import.meta.url)));
  const own = workspaces.find(({ name }) => name === '@jobstorm/testkit');
  assert.equal(own?.dir, 'packages/testkit');
  assert.ok(own.files.some(({ path }) => path === 'src/source-tree.ts'));
  assert.ok(own.files.some(({ path }) => path === 'test/source-tree.test.ts'));
  assert.ok(workspaces.some(({ dir }) => dir === 'server-node'));
  assert.ok(shared.includes('typescript'));
});
