import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { JobstormError } from '@jobstorm/protocol';
import { ExitCode, reportError, SettingsError } from '../src/index.ts';

/** What is printed for an error, and its exit code. */
function report(error: unknown): { code: number; text: string } {
  let text = '';
  const write = mock.method(process.stderr, 'write', (chunk: string) => {
    text += chunk;
    return true;
  });
  try {
    return { code: reportError('worker', error), text };
  } finally {
    write.mock.restore();
  }
}

test('bad settings: a line per mistake, 104', () => {
  assert.deepEqual(report(new SettingsError(['one', 'two'])), {
    code: 104,
    text: 'jobstorm worker: one\njobstorm worker: two\n',
  });
});

test('an error of ours: its sentence, 1', () => {
  assert.deepEqual(report(new JobstormError('EX', 'no luck')), { code: 1, text: 'jobstorm worker: no luck\n' });
});

test('anything else shows where it came from', () => {
  const { code, text } = report(new TypeError('oops'));
  assert.equal(code, 1);
  assert.match(text, /unexpected: TypeError: oops\n\s+at /);
  assert.deepEqual(report('text'), { code: 1, text: 'jobstorm worker: unexpected: text\n' });
  assert.deepEqual(report(null), { code: 1, text: 'jobstorm worker: unexpected: null\n' });
});

test('the codes that scripts depend on', () => {
  assert.deepEqual(
    { ...ExitCode },
    {
      good: 0,
      anythingElse: 1,
      thresholdFailed: 99,
      badSettings: 104,
      interrupted: 105,
      notValid: 111,
      jobsLostOrDuplicated: 112,
    },
  );
});
