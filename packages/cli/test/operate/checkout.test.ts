import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SettingsError } from '@jobstorm/program';
import { composeFiles, findCheckout, projectName } from '../../src/operate/checkout.ts';

test('the working directory when it is a checkout, else where the program is from', (t) => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'jobstorm-checkout-')));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [one, other] = [join(dir, 'one'), join(dir, 'other')];
  for (const checkout of [one, other]) {
    mkdirSync(join(checkout, 'dist'), { recursive: true });
    for (const file of Object.values(composeFiles)) writeFileSync(join(checkout, file), '');
  }
  assert.equal(findCheckout(one, join(other, 'dist/jobstorm.js')), one);
  assert.equal(findCheckout(join(one, 'dist'), join(other, 'dist/jobstorm.js')), other);
  assert.throws(() => findCheckout(dir, join(dir, 'jobstorm.js')), SettingsError);
});

test("projects are named by the checkout's path and side", () => {
  assert.match(projectName('/a', 'server'), /^jobstorm-[0-9a-f]{6}-server$/);
  assert.equal(projectName('/a', 'server').replace(/server$/, 'worker'), projectName('/a', 'worker'));
  assert.notEqual(projectName('/a', 'server'), projectName('/b', 'server'));
});
