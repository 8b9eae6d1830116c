import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword } from '@jobstorm/protocol';
import { until } from '@jobstorm/testkit';
import { PasswordChecks } from '../src/password-checks.ts';

const challenge = { salt: '55104dc76695721d', iterations: 4321 };

/** Adds a check; the answers come into `told`, in their order. */
function add(checks: PasswordChecks, told: unknown[], version: number, passwordHash: string, isWanted = () => true) {
  checks.add({
    password: 'secret',
    challenge,
    hello: { version, passwordHash },
    isWanted,
    done: (isRight) => told.push(isRight),
  });
}

test('the hash must answer the challenge; clients before version 2 hash once', async () => {
  const checks = new PasswordChecks();
  const good = hashPassword('secret', challenge.salt, challenge.iterations);
  const once = hashPassword('secret', challenge.salt, 1);
  const told: unknown[] = [];
  add(checks, told, 2, good);
  add(checks, told, 0, once);
  for (const wrong of ['', once, good.toUpperCase(), `${good}0`, hashPassword('other', challenge.salt, 4321)]) {
    add(checks, told, 2, wrong);
  }
  await until('all answers', () => told.length === 7);
  assert.deepEqual(told, [true, true, false, false, false, false, false]);
});

test('a check takes many slices, and one that nobody wants any more takes none', () => {
  const checks = new PasswordChecks();
  const told: unknown[] = [];
  let isThere = true;
  add(checks, told, 2, hashPassword('secret', challenge.salt, challenge.iterations), () => isThere);
  add(checks, told, 1, hashPassword('secret', challenge.salt, 1));
  checks.runSlice();
  assert.deepEqual(told, []);
  isThere = false;
  checks.runSlice();
  assert.deepEqual(told, [true]);
});
