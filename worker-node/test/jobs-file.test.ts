import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { JobstormError } from '@jobstorm/protocol';
import { builtInHandlers, type Handlers, type Repertoire } from '../src/handlers.ts';
import { loadJobsFile } from '../src/jobs-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'jobstorm-jobs-'));
after(() => rmSync(dir, { recursive: true }));
let files = 0;

function write(text: string): string {
  const path = join(dir, `jobs-${files++}.mjs`);
  writeFileSync(path, text);
  return path;
}

const builtIn = (): Repertoire => ({ handlers: builtInHandlers(), middleware: [], timeoutsMs: new Map() });

async function loadAll(text: string): Promise<Repertoire> {
  const repertoire = builtIn();
  await loadJobsFile(write(text), repertoire);
  return repertoire;
}

const load = async (text: string): Promise<Handlers> => (await loadAll(text)).handlers;

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

test('register and use may be taken out of what the default function gets, as the README does', async () => {
  const { handlers, middleware } = await loadAll(`
    export default ({ register, use }) => {
      use((ctx, next) => next());
      register('mail.send', (to) => to);
    }
  `);
  assert.equal(call(handlers, 'mail.send', 'me'), 'me');
  assert.equal(middleware.length, 1);
});

test('middleware and timeouts, exported or registered', async () => {
  const { handlers, middleware, timeoutsMs } = await loadAll(`
    const first = (ctx, next) => next();
    export const middleware = [first];
    export const timeouts = { 'report': '1.5s', add: 20 };
    export function report() {}
    export default (faktory) => faktory.use(async (ctx, next) => next()).register('quick', () => {}, { timeout: '5ms' });
  `);
  assert.equal(middleware.length, 2);
  assert.equal(middleware[0]!.name, 'first');
  assert.deepEqual([...timeoutsMs].sort(), [
    ['add', 20],
    ['quick', 5],
    ['report', 1500],
  ]);
  assert.equal(handlers.has('middleware') || handlers.has('timeouts'), false);
});

test('a TypeScript module is loaded, here by the loader of the tests', async () => {
  const path = join(dir, `typed-${files++}.ts`);
  writeFileSync(path, 'export const shout = (text: string): string => text.toUpperCase();');
  const repertoire = builtIn();
  await loadJobsFile(path, repertoire);
  assert.equal(call(repertoire.handlers, 'shout', 'a'), 'A');
});

const bad: [string, string, RegExp][] = [
  [
    'exports middleware that is no list',
    'export const middleware = 5; export function a() {}',
    /a middleware that is number/,
  ],
  [
    'uses what is no function',
    'export const middleware = [5]; export function a() {}',
    /a middleware is number, expected a function/,
  ],
  [
    'limits a job type that it does not have',
    "export const timeouts = { b: '1s' }; export function a() {}",
    /a timeout for "b", which has no handler/,
  ],
  [
    'has a timeout of no length',
    "export const timeouts = { a: 'soon' }; export function a() {}",
    /the timeout of "a" is "soon", expected milliseconds or a duration/,
  ],
  [
    'has a timeout of 0',
    'export const timeouts = { a: 0 }; export function a() {}',
    /the timeout of "a" is 0, expected/,
  ],
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
  await assert.rejects(loadJobsFile(path, builtIn()), (error) => {
    assert.ok(error instanceof JobstormError && error.code === 'EJOBS');
    assert.ok(error.message.startsWith(`--jobs ${path} can't be loaded: `) && !error.message.includes('\n'));
    return true;
  });
});
