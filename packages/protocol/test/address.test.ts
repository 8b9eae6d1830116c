import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeAddress, formatServerUrl, JobstormError, parseServerUrl, type ServerAddress } from '../src/index.ts';

const good: [text: string, host: string, port: number, password: string | null][] = [
  ['tcp://localhost:7419', 'localhost', 7419, null],
  ['tcp://localhost', 'localhost', 7419, null],
  ['tcp://localhost/', 'localhost', 7419, null],
  ['localhost', 'localhost', 7419, null],
  ['10.0.0.5', '10.0.0.5', 7419, null],
  [' 10.0.0.5:17419\n', '10.0.0.5', 17419, null],
  ['TCP://h:1', 'h', 1, null],
  ['tcp://h:80', 'h', 80, null],
  ['tcp://h:80/', 'h', 80, null],
  ['h:80', 'h', 80, null],
  ['tcp://:80@h', 'h', 7419, '80'],
  ['tcp://[::1]:80', '::1', 80, null],
  ['tcp://[fe80::80]', 'fe80::80', 7419, null],
  ['::1', '::1', 7419, null],
  ['tcp://:s3cret@h:5', 'h', 5, 's3cret'],
  [':s3cret@h', 'h', 7419, 's3cret'],
  ['tcp://user:s3cret@h', 'h', 7419, 's3cret'],
  ['tcp://:a%40b%2Fc%3A%25%20%C3%A9@h', 'h', 7419, 'a@b/c:% é'],
  ['tcp://:p@ss:w@h', 'h', 7419, 'p@ss:w'],
];

for (const [text, host, port, password] of good) {
  test(`${JSON.stringify(text)} is read`, () => assert.deepEqual(parseServerUrl(text), { host, port, password }));
}

test('tcp+tls is read, and written again', () => {
  const address = { host: 'h', port: 7419, password: 'a b', tls: true } as const;
  assert.deepEqual(parseServerUrl('TCP+TLS://:a%20b@h'), address);
  assert.equal(formatServerUrl(address), 'tcp+tls://:a%20b@h:7419');
  assert.equal(describeAddress(address), 'tcp+tls://h:7419');
});

const bad = [
  '',
  '   ',
  'tcp://',
  'tcp://:7419',
  'http://h:7419',
  'redis://h',
  'tcp+tls://',
  'tcp+ssl://h',
  'tls://h',
  'tcp://h:99999',
  'tcp://h:0',
  'tcp://h:x',
  'h:7419:1',
  'tcp://h/path',
  'tcp://h?x=1',
  'tcp://h#x',
  'tcp://a b',
  'tcp://:100%@h',
  'tcp://[::1',
];

for (const text of bad) {
  test(`${JSON.stringify(text)} is refused with what was expected`, () => {
    assert.throws(
      () => parseServerUrl(text),
      (error) =>
        error instanceof JobstormError && error.code === 'EURL' && /tcp:\/\/\[:password@\]host/.test(error.message),
    );
  });
}

test('a refusal names the text and shows no password, whatever is in it', () => {
  assert.throws(() => parseServerUrl('tcp://h:99999'), /"tcp:\/\/h:99999" is not/);
  for (const password of ['s3cret', 's3/cret', 's3:cret', 's3@cret', 's3#cret', '100%s3cret', 's3cret\n']) {
    for (const text of [
      `tcp://:${password}@h:99999`,
      `tcp://u:${password}@h:99999`,
      `:${password}@h:99999`,
      `ftp://:${password}@h`,
    ]) {
      assert.throws(
        () => parseServerUrl(text),
        (error) => error instanceof JobstormError && !/s3|cret/.test(error.message) && error.message.includes('***@h'),
      );
    }
  }
});

test('what formatServerUrl writes, parseServerUrl reads', () => {
  const host = fc.constantFrom('localhost', '127.0.0.1', '::1', 'my-host.example');
  const port = fc.oneof(fc.constant(80), fc.integer({ min: 1, max: 65_535 }));
  const password = fc.oneof(fc.constant(null), fc.string({ unit: 'grapheme', minLength: 1 }));
  const address = fc.tuple(host, port, password).map(([h, p, w]): ServerAddress => ({ host: h, port: p, password: w }));
  fc.assert(fc.property(address, (each) => assert.deepEqual(parseServerUrl(formatServerUrl(each)), each)));
});

test('a description never has the password', () => {
  assert.equal(describeAddress({ host: 'h', port: 1, password: 's3cret' }), 'tcp://h:1');
  assert.equal(describeAddress({ host: '::1', port: 1, password: null }), 'tcp://[::1]:1');
});
