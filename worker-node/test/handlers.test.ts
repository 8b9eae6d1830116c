import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInHandlers } from '../src/handlers.ts';

function call(jobtype: string, args: unknown[], random?: () => number): unknown {
  const handler = builtInHandlers(random).get(jobtype);
  assert.ok(handler, `${jobtype} is built in`);
  return (handler as (...args: unknown[]) => unknown)(...args);
}

test('arithmetic', () => {
  assert.equal(call('add', [2, 3]), 5);
  assert.equal(call('subtract', [2, 3]), -1);
  assert.equal(call('multiply', [2, 3]), 6);
  assert.equal(call('divide', [3, 2]), 1.5);
  assert.equal(call('noop', [1, 2, 3]), undefined);
});

test('a zero divisor fails, a negative zero too', () => {
  assert.throws(() => call('divide', [7, 0]), { name: 'RangeError', message: "can't divide 7 by zero" });
  assert.throws(() => call('divide', [7, -0]), RangeError);
});

test('sleep settles after its time and not before', async () => {
  const beganMs = performance.now();
  await call('sleep', [20]);
  assert.ok(performance.now() - beganMs >= 19, 'a timer counts whole milliseconds of its own clock');
});

test('spin holds the CPU for its time', () => {
  const beganMs = performance.now();
  call('spin', [5]);
  assert.ok(performance.now() - beganMs >= 5);
});

test('payload takes any JSON', () => {
  assert.equal(call('payload', ['four']), 4);
  assert.equal(call('payload', [{ a: [1] }]), '{"a":[1]}'.length);
  assert.equal(call('payload', []), undefined);
});

test('flaky fails the share that it is given, as its random numbers say', () => {
  const values = [0, 0.29, 0.3, 0.99];
  const failed = values.map((value) => {
    try {
      call('flaky', [0.3], () => value);
      return false;
    } catch {
      return true;
    }
  });
  assert.deepEqual(failed, [true, true, false, false]);
  assert.throws(() => call('flaky', [1], () => 0.999));
  call('flaky', [0], () => 0);
});

test('flaky fails so many times and then no more, after it has slept', async () => {
  const fail = (failures: number | null, args: unknown[]) => {
    const failure = failures === null ? undefined : { retry_count: failures - 1, remaining: 9, failed_at: '' };
    const made = call('flaky', args, () => 0) as (context: unknown) => Promise<void>;
    return made({ job: { jid: 'j', jobtype: 'flaky', args, failure } });
  };
  await assert.rejects(fail(null, [1, 2]), /failed on purpose/);
  await assert.rejects(fail(1, [1, 2]), /failed on purpose/);
  await fail(2, [1, 2]);
  await assert.rejects(fail(7, [1, null, 1]), /failed on purpose/);
});
