import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  differences,
  ExchangeList,
  hear,
  leave,
  open,
  play,
  problemsIn,
  repeatUntil,
  say,
  send,
} from '../src/exchange.ts';
import { startsWith } from '../src/expectation.ts';
import { type FakeScript, FakeServer } from '../src/fake-server.ts';

async function playOn(script: FakeScript, steps: Parameters<ExchangeList['add']>[1]) {
  const fake = await FakeServer.start({ script });
  const list = new ExchangeList('sample');
  list.add('one', steps);
  try {
    const exchange = list.exchanges[0] ?? assert.fail('one was added');
    return {
      heard: await play(exchange, fake),
      lines: fake.received.map(({ connection, line }) => `${connection} ${line}`),
    };
  } finally {
    await fake.close();
  }
}

const echo: FakeScript = (line) => (line.startsWith('HELLO') ? '+OK\r\n' : `+${line}\r\n`);

test('good answers give a transcript without problems', async () => {
  const { heard, lines } = await playOn(echo, () => [say('A', '+A'), open('b', { wid: 'w' }), say('B', '+B', 'b')]);
  assert.deepEqual(lines, ['0 HELLO {"v":2}', '0 A', '1 HELLO {"v":2,"wid":"w"}', '1 B']);
  assert.deepEqual(problemsIn(heard), []);
});

test('a wrong answer is told with what was sent', async () => {
  const { heard } = await playOn(echo, () => [say('A', '+OTHER'), say('B', '+B')]);
  assert.deepEqual(problemsIn(heard), ['after "A\\r\\n": got "+A", expected "+OTHER"']);
});

test('a HELLO that is refused is told, and a close is null', async () => {
  const script: FakeScript = () => ({ bytes: '-ERR no\r\n', after: 'close' });
  const { heard } = await playOn(script, () => [open('main'), hear(null)]);
  assert.deepEqual(problemsIn(heard), ['after "HELLO on main": got "-ERR no", expected "+OK"']);
});

test('an answer that never comes ends the playing', async () => {
  await assert.rejects(
    playOn(
      () => undefined,
      () => [open('main'), send('A\r\n'), hear('+A', 'main', 5)],
    ),
    /no reply within 5 ms/,
  );
});

test('repeatUntil keeps the reply that was waited for', async () => {
  let asked = 0;
  const script: FakeScript = (line) => (line === 'ASK' ? `+${++asked}\r\n` : undefined);
  const { heard } = await playOn(script, () => [repeatUntil('ASK', '+3')]);
  assert.deepEqual(
    heard.map(({ reply }) => reply),
    ['+OK', '+3'],
  );
  assert.deepEqual(problemsIn(heard), []);
});

test('a connection can be left in three ways', async () => {
  const { heard } = await playOn(echo, () => [
    send('A\r\n'),
    leave('main', 'half-close'),
    hear('+A'),
    hear(null),
    say('B', '+B', 'b'),
    leave('b', 'destroy'),
    say('C', '+C', 'c'),
    leave('c', 'reset'),
  ]);
  assert.deepEqual(problemsIn(heard), []);
});

test('differences between servers show although both are as expected, save in what is not compared', async () => {
  const server =
    (text: string): FakeScript =>
    (line) =>
      line === 'ASK' ? `-ERR ${text}\r\n` : undefined;
  const steps = () => [say('ASK', startsWith('-ERR '))];
  const one = await playOn(server('their words'), steps);
  const other = await playOn(server('our words'), steps);
  const wrong = await playOn(() => '+OK\r\n', steps);
  assert.deepEqual(differences(one.heard, other.heard), []);
  assert.deepEqual(differences(one.heard, wrong.heard), ['after "ASK\\r\\n": "-ERR their words" against "+OK"']);
});

test('no two exchanges share names', () => {
  const seen = new Set<string>();
  for (const prefix of ['a', 'b']) {
    const list = new ExchangeList(prefix);
    for (let n = 0; n < 3; n++) {
      list.add('named', ({ queue, jid, wid }) => {
        for (const name of [queue, wid, jid(1), jid(2)]) {
          assert.equal(seen.has(name), false, name);
          seen.add(name);
        }
        return [];
      });
    }
    for (const exchange of list.exchanges) exchange.steps();
  }
  assert.equal(seen.size, 24);
});
