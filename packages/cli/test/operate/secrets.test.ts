import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planSecrets } from '../../src/operate/secrets.ts';

test('what is missing is made, each another one; what is there stays', () => {
  const { password, token, made } = planSecrets({ password: null, token: null }, false);
  assert.match(password!, /^[\w-]{32}$/);
  assert.notEqual(password, token);
  assert.deepEqual(made, { FAKTORY_PASSWORD: password, JOBSTORM_TOKEN: token });
  assert.deepEqual(
    planSecrets({ password: 'p', token: null }, false, () => 'new'),
    {
      password: 'p',
      token: 'new',
      made: { JOBSTORM_TOKEN: 'new' },
    },
  );
  assert.deepEqual(planSecrets({ password: 'p', token: 't' }, false).made, {});
});

test('open: none, also where some are set', () => {
  assert.deepEqual(planSecrets({ password: 'p', token: 't' }, true), { password: null, token: null, made: {} });
});
