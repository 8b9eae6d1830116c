import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greeting, makeChallenge, readHello } from '../src/handshake.ts';

test('the greeting carries the challenge', () => {
  assert.equal(greeting(null), '+HI {"v":2}\r\n');
  for (let i = 0; i < 100; i++) {
    const challenge = makeChallenge();
    assert.match(challenge.salt, /^[0-9a-f]{1,16}$/);
    assert.ok(challenge.iterations >= 4000 && challenge.iterations <= 8095);
    assert.equal(greeting(challenge), `+HI {"v":2,"i":${challenge.iterations},"s":"${challenge.salt}"}\r\n`);
  }
});

test('a HELLO names a worker by its wid', () => {
  assert.equal(readHello('HELLO {}')?.worker, null);
  assert.equal(readHello('HELLO {"wid":""}')?.worker, null);
  assert.deepEqual(readHello('HELLO {"v":2,"wid":"w","hostname":"h","pid":7,"labels":["a"]}')?.worker, {
    ...{ wid: 'w', hostname: 'h', pid: 7, labels: ['a'] },
  });
});

test('any other first line is no HELLO', () => {
  const bad = [
    '',
    'PUSH {}',
    'hello {}',
    'HELLO  {}',
    'HELLO {',
    'HELLO {} x',
    'HELLO []',
    'HELLO {"v":256}',
    'HELLO {"v":-1}',
  ];
  for (const line of [...bad, 'HELLO {"v":"2"}', 'HELLO {"wid":5}', 'HELLO {"labels":[1]}', 'HELLO {"v":2.0}']) {
    assert.equal(readHello(line), null, line);
  }
});
