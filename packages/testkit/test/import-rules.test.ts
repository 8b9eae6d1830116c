import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importProblems } from '../src/import-rules.ts';
import type { Workspace } from '../src/source-tree.ts';

interface Sample {
  dependencies?: string[];
  devDependencies?: string[];
  path?: string;
  header?: string;
}

/** The problems of one workspace with one file. */
function problemsOf(
  name: string,
  code: string,
  { dependencies = [], devDependencies = [], path = 'src/thing.ts', header = '// A thing.\n' }: Sample = {},
): string[] {
  const workspace: Workspace = {
    dir: name,
    name: `@jobstorm/${name}`,
    dependencies,
    devDependencies,
    files: [{ path, text: header + code }],
  };
  return importProblems([workspace], ['fast-check']);
}

const ours = (name: string) => `import { x } from '@jobstorm/${name}';\n`;

test('good files have no problems', () => {
  assert.deepEqual(
    problemsOf('protocol', `import { connect } from 'node:net';\nimport { y } from './sub/other.ts';\n`),
    [],
  );
  for (const [from, to] of [
    ['program', 'protocol'],
    ['loadtest', 'telemetry'],
    ['worker-node', 'program'],
    ['dashboard', 'loadtest'],
    ['cli', 'server-node'],
    ['testkit', 'protocol'],
  ] as const) {
    assert.deepEqual(problemsOf(from, ours(to), { dependencies: [`@jobstorm/${to}`] }), [], `${from} imports ${to}`);
  }
});

test('every import against the layers is found', () => {
  for (const [from, to] of [
    ['protocol', 'telemetry'],
    ['telemetry', 'protocol'],
    ['program', 'loadtest'],
    ['loadtest', 'program'],
    ['worker-node', 'server-node'],
    ['dashboard', 'cli'],
    ['testkit', 'server-node'],
    ['cli', 'testkit'],
    ['server-node', 'testkit'],
    ['cli', 'bench'],
  ] as const) {
    const [problem, ...more] = problemsOf(from, ours(to), { dependencies: [`@jobstorm/${to}`] });
    assert.match(problem ?? '', new RegExp(`^${from}/src/thing.ts imports @jobstorm/${to}; ${from} may import `));
    assert.deepEqual(more, []);
  }
});

test('tests may import any workspace and what the root installs, sources may not', () => {
  const code = `${ours('testkit')}import fc from 'fast-check';\n`;
  assert.deepEqual(problemsOf('protocol', code, { path: 'test/thing.test.ts' }), []);
  assert.equal(problemsOf('protocol', code).length, 2);
});

test('a door other than the index is found', () => {
  const code = `import { x } from '@jobstorm/protocol/src/decoder.ts';\n`;
  const problems = problemsOf('server-node', code, { dependencies: ['@jobstorm/protocol'] });
  assert.match(problems[0] ?? '', /only door is its index, @jobstorm\/protocol/);
  assert.equal(problemsOf('server-node', code, { path: 'test/thing.test.ts' }).length, 1, 'in tests as well');
});

test('relative imports stay in src, and those of tests in the workspace', () => {
  assert.match(problemsOf('cli', `import { x } from '../test/fake.ts';\n`)[0] ?? '', /leaves src/);
  assert.match(problemsOf('cli', `import { x } from '../../protocol/src/job.ts';\n`)[0] ?? '', /leaves src/);
  const inTest = { path: 'test/sub/thing.test.ts' };
  assert.deepEqual(
    problemsOf('cli', `import { x } from '../../src/run.ts';\nimport { y } from './fake.ts';\n`, inTest),
    [],
  );
  assert.match(
    problemsOf('cli', `import { x } from '../../../protocol/src/job.ts';\n`, inTest)[0] ?? '',
    /leaves the workspace/,
  );
  assert.match(problemsOf('cli', `import { x } from '/root/x.ts';\n`)[0] ?? '', /path of one machine/);
});

test('package.json and imports agree, both ways', () => {
  assert.match(
    problemsOf('api-service', `import Fastify from 'fastify';\n`)[0] ?? '',
    /imports fastify, which its package.json does not list/,
  );
  assert.deepEqual(
    problemsOf('api-service', `import Fastify from 'fastify/deep';\n`, { dependencies: ['fastify'] }),
    [],
  );
  assert.match(
    problemsOf('api-service', '', { dependencies: ['fastify'] })[0] ?? '',
    /package.json lists fastify, which nothing/,
  );
  assert.match(problemsOf('api-service', `import { join } from 'path';\n`)[0] ?? '', /write node:path/);
});

test('what only tests need is under devDependencies', () => {
  const sample = { devDependencies: ['faktory-worker'] };
  const code = `import faktory from 'faktory-worker';\n`;
  assert.deepEqual(problemsOf('server-node', code, { ...sample, path: 'test/thing.test.ts' }), []);
  assert.match(problemsOf('server-node', code, sample)[0] ?? '', /does not list under dependencies/);
  assert.match(problemsOf('server-node', '', sample)[0] ?? '', /lists faktory-worker, which nothing/);
});

test('a missing header, an empty name and a long file are found', () => {
  assert.match(problemsOf('cli', 'export const x = 1;\n', { header: '' })[0] ?? '', /no header comment/);
  assert.deepEqual(problemsOf('cli', 'export const x = 1;\n', { header: '', path: 'test/x.test.ts' }), []);
  assert.deepEqual(problemsOf('cli', '', { header: '#!/usr/bin/env node\n// Starts it.\n' }), []);
  for (const name of ['utils', 'helpers', 'common', 'types']) {
    assert.match(problemsOf('cli', '', { path: `src/${name}.ts` })[0] ?? '', /is named for the one thing/);
    assert.equal(problemsOf('cli', '', { path: `test/sub/${name}.test.ts` }).length, 1);
  }
  assert.deepEqual(problemsOf('cli', '\n'.repeat(399)), []);
  assert.match(problemsOf('cli', '\n'.repeat(400))[0] ?? '', /has 401 lines, more than 400/);
});

test('a workspace that the layers do not know is found', () => {
  assert.match(problemsOf('helperland', '')[0] ?? '', /has no place in the layers/);
});
