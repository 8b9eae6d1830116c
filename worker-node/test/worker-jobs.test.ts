import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection, until } from '@jobstorm/testkit';
import type { Handler } from '../src/handlers.ts';
import { onlyFailure, queue, withServer } from './worker-rig.ts';

const thrown: [string, Handler, { errtype: string; message: RegExp }][] = [
  [
    'an Error',
    () => {
      throw new RangeError('too far');
    },
    { errtype: 'RangeError', message: /^too far$/ },
  ],
  [
    'a text',
    () => {
      throw 'just text';
    },
    { errtype: 'NotAnError', message: /^just text$/ },
  ],
  [
    'null',
    () => {
      throw null;
    },
    { errtype: 'NotAnError', message: /^null$/ },
  ],
  ['nothing, late', () => Promise.reject(undefined), { errtype: 'NotAnError', message: /^undefined$/ }],
  [
    'an object without a prototype',
    async () => {
      throw Object.create(null);
    },
    { errtype: 'NotAnError', message: /null prototype/ },
  ],
  [
    'an error that can not be looked at',
    () => {
      throw Object.defineProperty(new Error('x'), 'message', {
        get: () => {
          throw new Error('y');
        },
      });
    },
    { errtype: 'NotAnError', message: /can't be shown/ },
  ],
  [
    'a text of control characters',
    () => {
      throw 'a\r\nACK {"jid":"x"}\u0000\ud800';
    },
    { errtype: 'NotAnError', message: /^a\r\nACK {"jid":"x"}.\ufffd$/ },
  ],
  [
    'a huge message',
    () => {
      throw new Error('m'.repeat(3_000_000));
    },
    { errtype: 'Error', message: /^m{1000}$/ },
  ],
];

for (const [name, handler, expected] of thrown) {
  test(`a handler that throws ${name} fails its job with that, and the worker goes on`, async () => {
    await withServer(
      async (rig) => {
        const worker = await rig.start();
        await rig.push('bad');
        await until('the job to fail', () => rig.counts().retries === 1);
        await rig.push('add', [1, 2]);
        await until('the next to be done', () => worker.snapshot(false).totals.completed === 1);
        assert.equal(worker.snapshot(false).totals.failed, 1);
        await worker.stop();
        const { errtype, message } = await onlyFailure(rig);
        assert.equal(errtype, expected.errtype);
        assert.match(message, expected.message);
      },
      { handlers: { bad: handler } },
    );
  });
}

test('an unknown job type is failed with a sentence that says so', async () => {
  await withServer(async (rig) => {
    const worker = await rig.start();
    await rig.push('nosuch');
    await until('the job to fail', () => rig.counts().retries === 1);
    await worker.stop();
    const { errtype, message } = await onlyFailure(rig);
    assert.equal(errtype, 'UnknownJobtype');
    assert.match(message, /^this worker has no handler for "nosuch"; it has add, .*--jobs FILE\.mjs adds more$/);
  });
});

/** Each with the text of its args and of its other fields, for what JSON.stringify would not write. */
const odd: [string, string, string][] = [
  [
    '__proto__ keys',
    '[{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]',
    '"custom":{"__proto__":{"polluted":1},"run":"r","seq":0}',
  ],
  ['10,000 levels of nesting', `[${'['.repeat(9_990)}${']'.repeat(9_990)}]`, '"custom":{}'],
  ['lone surrogates', '["\\ud800","\\udfff x"]', '"custom":{"run":"\\udc00","seq":0}'],
  ['NUL', '["a\\u0000b","\\u0000"]', '"custom":{"run":"\\u0000","seq":0}'],
  ['a jid beyond ASCII', '["ü"]', '"jid":"jöb-漢字-🎉-\\"\\\\"'],
  ['a jid of control characters', '[]', '"jid":"\\r\\n\\u0000ACK {}"'],
  [
    'a run whose seq is an object',
    '[]',
    '"custom":{"run":"r","seq":{"valueOf":1,"toString":1},"due":{"valueOf":1,"toString":1}}',
  ],
  ['custom of another make', '[]', '"custom":{"run":5,"seq":"x","due":null}'],
  ['a megabyte of text', `["${'ü'.repeat(500_000)}"]`, '"custom":{}'],
];

for (const [name, args, more] of odd) {
  test(`a job with ${name} is run as it is and acknowledged`, async () => {
    const got: string[] = [];
    await withServer(
      async (rig) => {
        const worker = await rig.start();
        const raw = await RawConnection.greeted(rig.server);
        const reply = await raw.call(
          `PUSH {"jid":"job-00001","jobtype":"keep","queue":"${queue}","retry":3,"args":${args},${more}}`,
        );
        assert.equal(reply, '+OK');
        await until('the job to be done', () => rig.counts().processed === 1);
        assert.equal(rig.counts().failures, 0);
        assert.equal(rig.counts().working, 0);
        // Lone surrogates are no text: the server keeps U+FFFD in their place.
        const expected = args.replace(/\\ud800|\\udfff/g, '\ufffd');
        assert.equal(got[0], expected.startsWith('[[[') ? expected : JSON.stringify(JSON.parse(expected)));
        assert.equal(({} as { polluted?: number }).polluted, undefined);
        await until('the worker to know', () => worker.snapshot(true).totals.completed === 1);
        raw.destroy();
      },
      {
        handlers: {
          keep: (...values: unknown[]) => {
            got.push(showDeep(values));
          },
        },
      },
    );
  });
}

/** JSON text of values nested deeper than JSON.stringify's stack. */
function showDeep(values: unknown[]): string {
  let depth = 0;
  for (let at: unknown = values; Array.isArray(at) && at.length <= 1; at = at[0]) depth++;
  return depth > 100 ? '['.repeat(depth) + ']'.repeat(depth) : JSON.stringify(values);
}
