import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { JobstormError } from '@jobstorm/protocol';
import { builtInHandlers, type Handlers } from '../src/handlers.ts';
import { loadJobsFile } from '../src/jobs-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'jobstorm-jobs-'));
after(() => rmSync(dir, { recursive: true }));
let files = 0;

function write(text: string): string {
  const path = join(dir, `jobs-${files++}.mjs`);
  writeFileSync(path, text);
  return path;
}

async function load(text: string): Promise<Handlers> {
  const handlers = builtInHandlers();
  await loadJobsFile(write(text), handlers);
  return handlers;
}

const call = (handlers: Handlers, jobtype: string, ...args: unknown[]) =>
  (handlers.get(jobtype) as (...args: unknown[]) => unknown)(...args);

test('exported functions are handlers by their names, beside those built in and over them', async () => {
  const handlers = await load(`
    export function greet(name) { return 'hello ' + name; }
    export const add = () => 'mine';
    export const limit = 5;
  `);
  assert.equal(call(handlers, 'greet', 'you'), 'hello you');
  assert.equal(call(handlers, 'add', 1, 2), 'mine');
  assert.equal(call(handlers, 'multiply', 2, 3), 6);
  assert.equal(handlers.has('limit'), false);
});

test('a default function registers, in a chain, and may take its time', async () => {
  const handlers = await load(`
    export default async function (faktory) {
      await null;
      faktory.register('mail.send', (to) => to).register('__proto__', () => 'odd');
    }
    export function plain() { return 1; }
  `);
  assert.equal(call(handlers, 'mail.send', 'me'), 'me');
  assert.equal(call(handlers, '__proto__'), 'odd');
  assert.equal(call(handlers, 'plain'), 1);
});

const bad: [string, string, RegExp][] = [
  ['exports nothing', '', /has no handlers: export functions/],
  ['exports no function', 'export const a = 1; export default { b() {} };', /has no handlers/],
  ['registers nothing', 'export default () => {};', /has no handlers/],
  [
    'registers a text',
    "export default (f) => f.register('a', 'b');",
    /the handler of "a" is string, expected a function/,
  ],
  [
    'registers null',
    "export default (f) => f.register('a', null);",
    /the handler of "a" is object, expected a function/,
  ],
  ['is no JavaScript', 'export function (', /can't be loaded: /],
  ['imports what is not there', "import './nowhere.mjs';", /can't be loaded: .*nowhere\.mjs/],
  ['throws', "throw new Error('first line\\n  second line');", /can't be loaded: first line second line$/],
  ['throws null', 'throw null;', /can't be loaded: it threw null$/],
  [
    'throws in its default function',
    "export default () => { throw new Error('no database'); };",
    /can't be loaded: no database$/,
  ],
  [
    'rejects in its default function',
    'export default () => Promise.reject(undefined);',
    /can't be loaded: it threw undefined$/,
  ],
];

for (const [name, text, expected] of bad) {
  test(`a file that ${name} is refused in one sentence`, async () => {
    await assert.rejects(load(text), (error) => {
      assert.ok(error instanceof JobstormError);
      assert.equal(error.code, 'EJOBS');
      assert.match(error.message, /^--jobs \S+jobs-\d+\.mjs[: ]/);
      assert.match(error.message, expected);
      assert.ok(!error.message.includes('\n'), error.message);
      return true;
    });
  });
}

test('a file that is not there is named', async () => {
  const path = join(dir, 'nowhere.mjs');
  await assert.rejects(loadJobsFile(path, builtInHandlers()), (error) => {
    assert.ok(error instanceof JobstormError && error.code === 'EJOBS');
    assert.ok(error.message.startsWith(`--jobs ${path} can't be loaded: `) && !error.message.includes('\n'));
    return true;
  });
});
