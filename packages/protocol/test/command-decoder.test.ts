import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandDecoder } from '../src/command-decoder.ts';
import { ProtocolError } from '../src/error.ts';

const lines = [
  'HELLO {"v":2}',
  '',
  'PUSH {"jid":"übergröße","args":["😀 €"]}',
  'FETCH a b',
  'a\rb',
  'END',
  '€'.repeat(100),
  'x',
];
const expected = lines.map((line) => ({ line, ascii: /^[\0-\x7f]*$/.test(line) }));
const stream = Buffer.from(lines.map((line, index) => line + (index % 2 ? '\n' : '\r\n')).join(''));

function pull(decoder: CommandDecoder): { line: string; ascii: boolean }[] {
  const found = [];
  for (let line = decoder.next(); line !== null; line = decoder.next())
    found.push({ line, ascii: decoder.lineIsAscii });
  return found;
}

test('a stream cut in two anywhere gives the same lines', () => {
  for (let cut = 0; cut <= stream.length; cut++) {
    const decoder = new CommandDecoder();
    decoder.push(stream.subarray(0, cut));
    const found = pull(decoder);
    decoder.push(stream.subarray(cut));
    found.push(...pull(decoder));
    assert.deepEqual(found, expected, `cut at ${cut}`);
    assert.equal(decoder.bufferedBytes, 0);
  }
});

test('byte by byte, pulled after each byte or only at the end', () => {
  for (const eager of [true, false]) {
    const decoder = new CommandDecoder();
    const found = [];
    for (const byte of stream) {
      decoder.push(Buffer.of(byte));
      if (eager) found.push(...pull(decoder));
    }
    found.push(...pull(decoder));
    assert.deepEqual(found, expected);
  }
});

test('random pieces, pulled at random', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let round = 0; round < 500; round++) {
    const decoder = new CommandDecoder();
    const found = [];
    for (let at = 0; at < stream.length; ) {
      const size = 1 + random(40);
      decoder.push(stream.subarray(at, at + size));
      at += size;
      const line = random(2) ? decoder.next() : null;
      if (line !== null) found.push({ line, ascii: decoder.lineIsAscii });
    }
    found.push(...pull(decoder));
    assert.deepEqual(found, expected, `round ${round}`);
  }
});

test('what was not pulled is counted, an unfinished line too', () => {
  const decoder = new CommandDecoder();
  decoder.push(Buffer.from('INFO\r\nFLU'));
  assert.equal(decoder.bufferedBytes, 9);
  assert.equal(decoder.next(), 'INFO');
  assert.equal(decoder.bufferedBytes, 3);
  assert.equal(decoder.next(), null);
  assert.equal(decoder.bufferedBytes, 3);
  decoder.push(Buffer.from('SH\n'));
  assert.equal(decoder.next(), 'FLUSH');
  assert.equal(decoder.bufferedBytes, 0);
});

test('invalid UTF-8 becomes U+FFFD, in one piece or many', () => {
  const bytes = Buffer.from([0x41, 0x20, 0xff, 0xc3, 0x0a]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const decoder = new CommandDecoder();
    decoder.push(bytes.subarray(0, cut));
    const early = decoder.next();
    decoder.push(bytes.subarray(cut));
    assert.equal(early ?? decoder.next(), 'A \ufffd\ufffd');
  }
});

test('only one CR is taken off, and only before the LF', () => {
  const decoder = new CommandDecoder();
  decoder.push(Buffer.from('a\r\r\n\r\nb\rc\n'));
  assert.deepEqual(
    pull(decoder).map(({ line }) => line),
    ['a\r', '', 'b\rc'],
  );
});

test('a line over the limit is refused as soon as it is over, at the limit it is taken', () => {
  const decoder = new CommandDecoder(8);
  decoder.push(Buffer.from('12345678\r\n'));
  assert.equal(decoder.next(), '12345678');
  decoder.push(Buffer.from('12345'));
  assert.equal(decoder.next(), null);
  decoder.push(Buffer.from('6789'));
  assert.throws(() => decoder.next(), ProtocolError);
  const whole = new CommandDecoder(8);
  whole.push(Buffer.from('123456789\n'));
  assert.throws(() => whole.next(), /more than 8 bytes/);
});

test('a 4 MiB line in small pieces comes out whole', () => {
  const decoder = new CommandDecoder();
  const long = `PUSH ${'abcdefgh'.repeat(512 * 1024)}`;
  const bytes = Buffer.from(`${long}\nnext\n`);
  const found = [];
  for (let at = 0; at < bytes.length; at += 1400) {
    decoder.push(bytes.subarray(at, at + 1400));
    found.push(...pull(decoder));
  }
  assert.deepEqual(
    found.map(({ line }) => line === long || line),
    [true, 'next'],
  );
});

test('decoders with long lines in pieces at the same time keep theirs apart', () => {
  const decoders = [new CommandDecoder(), new CommandDecoder(), new CommandDecoder()];
  for (let round = 0; round < 4; round++) {
    const lines = decoders.map((_, i) => String.fromCharCode(97 + round * 3 + i).repeat(150_000 + i * 50_000));
    for (let at = 0; at < 250_000; at += 65_536) {
      for (const [i, decoder] of decoders.entries()) {
        const piece = `${lines[i]}\r\n`.slice(at, at + 65_536);
        if (piece === '') continue;
        decoder.push(Buffer.from(piece));
        const isLast = at + 65_536 >= lines[i]!.length + 2;
        assert.equal(decoder.next(), isLast ? lines[i] : null);
      }
    }
  }
});
