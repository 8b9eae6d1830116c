import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingsInbox } from '../src/settings-inbox.ts';

test('what every process passes on is taken once, what comes late not at all, and all are told the same', () => {
  const taken: unknown[] = [];
  const inbox = new SettingsInbox((wanted) => {
    taken.push(wanted);
    return wanted.slots === 0 ? 'no slots' : null;
  });
  assert.equal(inbox.take({ number: 10, worker: { slots: 5 } }), null);
  assert.equal(inbox.take({ number: 10, worker: { slots: 5 } }), null);
  assert.equal(inbox.take({ number: 11, worker: { slots: 0 } }), 'no slots');
  assert.equal(inbox.take({ number: 11, worker: { slots: 0 } }), 'no slots');
  assert.match(inbox.take({ number: 10, worker: { slots: 5 } })!, /later settings/);
  assert.equal(inbox.take({ number: 12, worker: {} }), null, 'a look changes nothing');
  assert.deepEqual(taken, [{ slots: 5 }, { slots: 0 }]);
});
