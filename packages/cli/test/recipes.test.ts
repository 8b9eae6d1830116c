// Every recipe of the justfile is run by a test, or is another one's line. A recipe that nobody runs fails here, and so does one
// that `just` alone would list without a group or a word on what it does.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFileSync(`${root}/${path}`, 'utf8');

const guide = 'packages/cli/test/operate/guide.containers.test.ts';
const killed = 'packages/cli/test/operate/faktory-killed.containers.test.ts';

const engine = 'packages/cli/test/operate/docker/engine.containers.test.ts';

/** Where it, or the command that is its only line, is run, and the text there that runs it. */
const runs: Readonly<Record<string, readonly [path: string, text: string]>> = {
  default: [guide, 'server.expect([])'],
  server: [guide, "server.expect(['server'])"],
  worker: [guide, "workers.expect(['worker', '6000', '8.0'], named())"],
  'worker-rolling': [engine, "good(['up', 'worker', '301', '--rolling'])"],
  dev: [killed, "checkout.expect(['dev', '20', '1.0'])"],
  down: [guide, "workers.expect(['down'])"],
  clean: [guide, "server.expect(['clean', '--yes'])"],
  'perf-test': [guide, "workers.expect(['perf-test', '10000'"],
  'stress-test': [guide, "workers.expect(['stress-test']"],
  'chaos-test': ['packages/cli/test/chaos/chaos-test.test.ts', "startCli(['chaos-test', '1500'"],
  watch: ['packages/cli/test/watch.test.ts', "startCli(['watch'"],
  tune: ['packages/cli/test/tune/tune.test.ts', "['tune', ...small, ...quick"],
  soak: ['packages/cli/test/soak/soak.test.ts', "['soak', '--duration'"],
  compare: ['packages/cli/test/compare-command.test.ts', 'compareFiles(argv'],
  'worker-set': ['packages/cli/test/set.test.ts', "runCli(['set', 'worker'"],
  'test-batch': [guide, "workers.expect(['test-batch']"],
  doctor: [guide, "workers.expect(['doctor'"],
  dashboard: [guide, "server.expect(['dashboard'])"],
  status: [guide, "workers.expect(['status'])"],
  'worker-stats': [guide, "workers.expect(['worker-stats']"],
  logs: [guide, "server.expect(['logs', 'api'])"],
  'worker-logs': [guide, "workers.expect(['worker-logs'])"],
  'server-logs': [guide, "server.expect(['server-logs'])"],
  test: ['.ci/run', 'rust-just test'],
  check: ['justfile', 'test *words: check'],
  build: ['justfile', 'check: build'],
};

/** Recipes that are the line of another one with a flag more. */
const sameLine: Readonly<Record<string, readonly [other: string, flag: string]>> = {
  'test-full': ['test', '--full '],
  fix: ['check', '--write '],
};

interface Recipe {
  name: string;
  about: string | null;
  group: string | null;
  lines: string[];
}

function recipes(): Recipe[] {
  const found = read('justfile').matchAll(
    /^(?:# (?<about>.+)\n)?(?:\[group\('(?<group>.+)'\)\]\n)?(?<name>[a-z][a-z-]*)[^\n]*:[^\n=]*\n(?<lines>(?: {4}.+\n)+)/gm,
  );
  return [...found].map(({ groups }) => ({
    name: groups!.name!,
    about: groups!.about ?? null,
    group: groups!.group ?? null,
    lines: groups!.lines!.trimEnd().split('\n'),
  }));
}

test('each recipe is run by a test, or is the line of one that is', () => {
  const all = recipes();
  const known = [...Object.keys(runs), ...Object.keys(sameLine), 'bench'];
  assert.deepEqual(all.map(({ name }) => name).sort(), known.sort(), 'say here which test runs it');
  for (const [name, [path, text]] of Object.entries(runs)) {
    assert.ok(read(path).includes(text), `${path} does not run ${name}: it has no ${text}`);
  }
  const last = (name: string) => all.find((recipe) => recipe.name === name)!.lines.at(-1)!;
  for (const [name, [other, flag]] of Object.entries(sameLine)) {
    assert.equal(last(name).replace(flag, ''), last(other), `${name} and ${other}`);
  }
});

test('each has a group and a line for the list, and is a line or two', () => {
  for (const { name, about, group, lines } of recipes()) {
    assert.ok(about, `${name} says nothing of itself`);
    assert.ok(group || name === 'default', `${name} has no group`);
    assert.ok(lines.length <= 2, `${name} has ${lines.length} lines`);
  }
});

test('bench lists its cases, as the recipe runs it', () => {
  const line = /^ {4}@node (--import tsx bench\/bench\.ts) "\$@"$/m.exec(read('justfile'))?.[1];
  assert.ok(line, 'the line of bench');
  const listed = execFileSync(process.execPath, line.split(' '), { cwd: root, encoding: 'utf8' });
  assert.match(listed, /^drain +\S/m);
  assert.match(listed, /^worker-start +\S/m);
});
