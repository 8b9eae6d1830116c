import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { SettingsOutcome } from '@jobstorm/telemetry';
import { SettingsRelay } from '../src/settings-relay.ts';

const outcome: SettingsOutcome = { inForce: { slots: 5 }, refusal: null };

function makeRelay(ids: string[]) {
  const numbers: number[] = [];
  const relay = new SettingsRelay(() => 1000);
  const ask = () => relay.ask(ids, (number) => numbers.push(number));
  return { relay, numbers, ask };
}

test('the first answer of those that were asked counts', async () => {
  const { relay, numbers, ask } = makeRelay(['a', 'b']);
  const asked = ask();
  relay.answered('c', numbers[0]!, { inForce: {}, refusal: 'of somebody else' });
  relay.answered('a', 7, { inForce: {}, refusal: 'to something else' });
  relay.answered('b', numbers[0]!, outcome);
  relay.answered('a', numbers[0]!, { inForce: {}, refusal: 'too late' });
  assert.equal(await asked, outcome);
});

test('numbers grow within a millisecond, too', async () => {
  const { relay, numbers, ask } = makeRelay(['a']);
  const both = [ask(), ask()];
  assert.deepEqual(numbers, [1000, 1001]);
  relay.end();
  assert.deepEqual(await Promise.all(both), [null, null]);
});

test('when all have gone there is no answer', async () => {
  const { relay, ask } = makeRelay(['a', 'b']);
  const asked = ask();
  relay.gone('a');
  relay.gone('c');
  let settled = false;
  void asked.then(() => {
    settled = true;
  });
  await Promise.resolve();
  assert.equal(settled, false);
  relay.gone('b');
  assert.equal(await asked, null);
});

test('who never answers is given up after 5 s', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { ask } = makeRelay(['a']);
    const asked = ask();
    mock.timers.tick(5000);
    assert.equal(await asked, null);
  } finally {
    mock.timers.reset();
  }
});
