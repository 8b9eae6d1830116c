import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExposure, type SettingsError } from '../src/index.ts';

const closed = { secret: { name: 'JOBSTORM_TOKEN', isSet: false }, open: false };

test('beyond loopback a secret is needed, or JOBSTORM_OPEN with a warning', () => {
  const addresses = { listen: '0.0.0.0:3000', web: '[::1]:1', other: '192.0.2.1:2', off: null };
  assert.throws(
    () => checkExposure({ ...closed, addresses }),
    ({ mistakes }: SettingsError) => {
      assert.equal(mistakes.length, 2);
      assert.match(mistakes[0]!, /^--listen 0\.0\.0\.0:3000 .*set JOBSTORM_TOKEN.*JOBSTORM_OPEN=1/);
      assert.match(mistakes[1]!, /^--other 192\.0\.2\.1:2 /);
      return true;
    },
  );
  assert.match(
    checkExposure({ ...closed, addresses, open: true }) ?? '',
    /JOBSTORM_TOKEN is not.* --listen 0\.0\.0\.0:3000 and --other 192\.0\.2\.1:2 /,
  );
});

test('nothing to say on loopback, or with the secret', () => {
  assert.equal(checkExposure({ ...closed, addresses: { listen: '127.0.0.1:1', web: 'localhost:2' } }), null);
  const secret = { name: 'JOBSTORM_TOKEN', isSet: true };
  assert.equal(checkExposure({ secret, open: true, addresses: { listen: '0.0.0.0:1' } }), null);
});
