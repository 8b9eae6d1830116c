import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadDotEnv, SettingsError } from '@jobstorm/program';
import { keepInEnvFile, withValues } from '../src/env-file.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-env-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('a file is made for its owner only, and read back by the reader of .env', (t) => {
  const dir = folder(t);
  for (const password of ['plain-_.~x', 'with blank', '$HOME#x', 'a=b', '"quoted"']) {
    keepInEnvFile(dir, { FAKTORY_PASSWORD: password });
    assert.equal(loadDotEnv({}, dir).FAKTORY_PASSWORD, password);
  }
  assert.equal(statSync(join(dir, '.env')).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dir), ['.env']);
});

test('other lines stay as they are, and the last line of a name is the one replaced', () => {
  const text = '# mine\nWORKER_CPUS=2\n\nexport  TOKEN = old\nTOKENS=x\nTOKEN=newer';
  assert.equal(
    withValues(text, { TOKEN: 'newest', MORE: '1' }),
    '# mine\nWORKER_CPUS=2\n\nexport  TOKEN = old\nTOKENS=x\nTOKEN=newest\nMORE=1\n',
  );
  assert.equal(withValues('', {}), '');
});

test('a file that others could read is closed to them, and one that is a link stays one', (t) => {
  const dir = folder(t);
  writeFileSync(join(dir, 'real'), 'A=1\n', { mode: 0o644 });
  symlinkSync('real', join(dir, '.env'));
  keepInEnvFile(dir, { B: '2' });
  assert.equal(readFileSync(join(dir, 'real'), 'utf8'), 'A=1\nB=2\n');
  assert.equal(statSync(join(dir, 'real')).mode & 0o777, 0o600);
});

test('what can not be kept is said, and nothing is written', (t) => {
  const dir = folder(t);
  assert.throws(() => keepInEnvFile(dir, { X: "it's" }), /X has characters that \.env can't hold/);
  assert.deepEqual(readdirSync(dir), []);
  mkdirSync(join(dir, '.env'));
  assert.throws(() => keepInEnvFile(dir, { X: '1' }), SettingsError);
});
