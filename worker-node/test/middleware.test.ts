import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobContext } from '../src/job-context.ts';
import { compose, type Middleware } from '../src/middleware.ts';

const context = () => new JobContext({ jid: 'job-00001', jobtype: 'a', args: [] });

test('they run around each other, the first one outermost, and share the context', async () => {
  const steps: string[] = [];
  const step =
    (name: string): Middleware =>
    async (ctx, next) => {
      ctx[name] = steps.push(`${name} in`);
      await next();
      steps.push(`${name} out`);
    };
  const given = context();
  await compose([step('a'), step('b')], async (ctx: JobContext) => {
    assert.equal(ctx, given);
    assert.deepEqual([ctx.a, ctx.b], [1, 2]);
    steps.push('job');
  })(given);
  assert.deepEqual(steps, ['a in', 'b in', 'job', 'b out', 'a out']);
});

test('what the job gives comes out, unless one of them gives something else', async () => {
  const pass: Middleware = (_, next) => next();
  assert.equal(await compose([pass, pass], async () => 'value')(context()), 'value');
  assert.equal(await compose([], async () => 'value')(context()), 'value');
});

const failures: [string, Middleware[], RegExp | null][] = [
  ['throws', [() => assert.fail('thrown')], /thrown/],
  ['rejects', [async () => assert.fail('rejected')], /rejected/],
  ['calls next twice', [async (_, next) => [await next(), await next()]], /next\(\) was called twice/],
  ['never calls next', [() => {}], null],
  [
    'catches what the job throws',
    [
      async (_, next) => {
        await next().catch(() => {});
      },
    ],
    null,
  ],
];

for (const [name, middleware, expected] of failures) {
  test(`one that ${name} ${expected ? 'fails' : 'ends well'}`, async () => {
    const run = compose(middleware, async () => {
      if (name.startsWith('catches')) throw new Error('of the job');
    });
    if (expected) await assert.rejects(run(context()), expected);
    else await run(context());
  });
}

test('a context has a signal, made when it is asked for, aborted before or after', () => {
  const early = context();
  const { signal } = early;
  assert.equal(early.signal, signal);
  assert.equal(signal.aborted, false);
  const reason = new Error('given up');
  early.abort(reason);
  assert.equal(signal.reason, reason);
  const late = context();
  late.abort(reason);
  assert.equal(late.signal.reason, reason);
});
