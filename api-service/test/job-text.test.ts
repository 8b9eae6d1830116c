// Job texts are put together by hand; JSON.parse says whether they are what JSON.stringify would have made.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { argsText, JobWriter, operandsText } from '../src/job-text.ts';

const createdAt = '2026-01-02T03:04:05.678Z';
const writer = new JobWriter('jobstorm', createdAt);

test('any job written is the job meant', () => {
  const options = fc.record(
    {
      custom: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
      queue: fc.constantFrom('a', 'b.c-d_e'),
      retry: fc.integer({ min: -1, max: 100 }),
      reserve_for: fc.integer({ min: 0, max: 86_400 }),
      at: fc.constant('2030-01-31T12:00:00Z'),
    },
    { requiredKeys: [] },
  );
  const args = fc.array(fc.jsonValue());
  const type = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(
    fc.property(type, args, options, (jobtype, values, given) => {
      const job = JSON.parse(writer.write('jid-12345678', jobtype, argsText(values), given));
      const meant = {
        jid: 'jid-12345678',
        queue: 'jobstorm',
        jobtype,
        args: values,
        retry: 25,
        created_at: createdAt,
        ...given,
      };
      assert.deepEqual(job, JSON.parse(JSON.stringify(meant)));
    }),
  );
});

test('custom of words and numbers is what JSON.stringify makes of it, the odd ones among them too', () => {
  const word = fc.constantFrom('run', '', '__proto__', 'a"b', 'back\\slash', 'é', '\u2028', '\ud800', 'tab\t');
  const value = fc.oneof(
    fc.double({ noDefaultInfinity: true }),
    fc.integer(),
    word,
    fc.constant(null),
    fc.constant(-0),
  );
  fc.assert(
    fc.property(fc.dictionary(word, value), (custom) => {
      const text = writer.write('jid-12345678', 'add', '1,2', { custom });
      assert.ok(text.endsWith(`,"custom":${JSON.stringify(custom)}}`), text);
    }),
  );
});

test('operands are exact', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(number, number, (a, b) => {
      const { args } = JSON.parse(writer.write('jid-12345678', 'add', operandsText(a, b), {}));
      assert.deepEqual(args, JSON.parse(JSON.stringify([a, b])));
    }),
  );
});

test('what is nested too deeply to be written is told apart from what is not', () => {
  let deep: unknown = [];
  for (let i = 0; i < 50_000; i++) deep = [deep];
  assert.throws(() => argsText(deep as unknown[]), { code: 'EBODY', statusCode: 400, message: /nested too deeply/ });
});
