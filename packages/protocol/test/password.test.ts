import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hashPassword, maxIterations, ProtocolError } from '../src/index.ts';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();

test('one round is SHA-256 over password and salt', () => {
  // sha256("abc"), from FIPS 180-2.
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  assert.equal(hashPassword('ab', 'c', 1), abc);
  assert.equal(hashPassword('', 'abc', 1), abc);
});

test('further rounds go over the raw digest', () => {
  assert.equal(hashPassword('pä', '55104dc76695721d', 2), sha256(sha256('pä55104dc76695721d')).toString('hex'));
  let digest = sha256('foobar1234567890abcdef');
  for (let round = 2; round <= 4512; round++) digest = sha256(digest);
  assert.equal(hashPassword('foobar', '1234567890abcdef', 4512), digest.toString('hex'));
});

test('a count of rounds that only keeps busy, or is none, is refused before any work', () => {
  for (const rounds of [1e9, maxIterations + 1, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => hashPassword('p', 's', rounds),
      (error) => error instanceof ProtocolError && error.message.includes(`${rounds} rounds`),
    );
  }
  assert.equal(hashPassword('p', 's', maxIterations).length, 64);
});
