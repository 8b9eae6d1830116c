import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError, ReplyDecoder, type ReplyKind, type ReplyLimits } from '../src/index.ts';

interface Reply {
  kind: ReplyKind;
  text: string;
}

const full = process.env.JOBSTORM_TEST_FULL === '1';

/** As the server writes it. */
function encode({ kind, text }: Reply, eol = '\r\n'): string {
  if (kind === 'nil') return `$-1${eol}`;
  if (kind === 'bulk') return `$${Buffer.byteLength(text)}${eol}${text}${eol}`;
  return `${kind === 'simple' ? '+' : '-'}${text}${eol}`;
}

function decode(pieces: readonly Uint8Array[], limits?: ReplyLimits): Reply[] {
  const replies: Reply[] = [];
  const decoder = new ReplyDecoder((kind, text) => replies.push({ kind, text }), limits);
  // One buffer for all pieces, as the connection reads: nothing may be kept in it.
  const buffer = Buffer.alloc(Math.max(1, ...pieces.map((piece) => piece.length)));
  for (const piece of pieces) {
    buffer.set(piece);
    decoder.write(buffer.subarray(0, piece.length));
    buffer.fill(0x21);
  }
  return replies;
}

function cut(bytes: Buffer, ...positions: number[]): Buffer[] {
  const edges = [0, ...positions, bytes.length];
  return edges.slice(1).map((to, i) => bytes.subarray(edges[i], to));
}

const conversation: Reply[] = [
  { kind: 'simple', text: 'HI {"v":2}' },
  { kind: 'simple', text: 'OK' },
  { kind: 'simple', text: '' },
  { kind: 'error', text: 'ERR unknown command X' },
  { kind: 'bulk', text: '{"jid":"héllo-wörld","args":["日本語","😀"]}' },
  { kind: 'nil', text: '' },
  { kind: 'bulk', text: '' },
  { kind: 'error', text: 'ERR Grüße' },
  { kind: 'bulk', text: '\r\n+OK\r\n$5\r\n-' },
  { kind: 'bulk', text: '{}' },
  { kind: 'bulk', text: `\u0000${'x'.repeat(12)}` },
  { kind: 'simple', text: 'OK' },
];

for (const [name, eol] of [
  ['CRLF', '\r\n'],
  ['LF', '\n'],
] as const) {
  const bytes = Buffer.from(conversation.map((reply) => encode(reply, eol)).join(''));

  test(`${name}: whole, byte by byte, and split anywhere once`, () => {
    assert.deepEqual(decode([bytes]), conversation);
    assert.deepEqual(decode(cut(bytes, ...Array.from({ length: bytes.length - 1 }, (_, i) => i + 1))), conversation);
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepEqual(decode(cut(bytes, at)), conversation, `split at ${at}`);
    }
  });

  test(`${name}: split anywhere twice`, () => {
    const expected = JSON.stringify(conversation);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const found = JSON.stringify(decode(cut(bytes, first, second)));
        if (found !== expected) assert.equal(found, expected, `split at ${first} and ${second}`);
      }
    }
  });

  test(`${name}: each reply comes with the piece that has its last byte`, () => {
    for (const reply of conversation) {
      const encoded = Buffer.from(encode(reply, eol));
      for (let at = 0; at < encoded.length; at++) {
        assert.deepEqual(decode([encoded.subarray(0, at)]), [], `${at} bytes of ${encoded}`);
      }
      assert.deepEqual(decode([encoded]), [reply]);
    }
  });
}

test('any replies, cut into any pieces, come out as they went in', () => {
  const line = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !/[\r\n]/.test(text));
  const reply = fc.oneof(
    line.map((text): Reply => ({ kind: 'simple', text })),
    line.map((text): Reply => ({ kind: 'error', text })),
    fc.string({ unit: 'binary', maxLength: 300 }).map((text): Reply => ({ kind: 'bulk', text })),
    fc.constant<Reply>({ kind: 'nil', text: '' }),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 30 }), sizes, fc.constantFrom('\r\n', '\n'), (replies, lengths, eol) => {
      const bytes = Buffer.from(replies.map((each) => encode(each, eol)).join(''));
      const positions: number[] = [];
      for (let at = lengths[0]!; at < bytes.length; at += lengths[positions.length % lengths.length]!)
        positions.push(at);
      assert.deepEqual(decode(cut(bytes, ...positions)), replies);
    }),
    { numRuns: full ? 5000 : 300 },
  );
});

test('any bytes end in replies or a ProtocolError', () => {
  const noise = fc
    .array(fc.constantFrom(...'+-$0159\r\nxé'), { maxLength: 60 })
    .map((parts) => Buffer.from(parts.join('')));
  fc.assert(
    fc.property(noise, fc.nat(60), (bytes, at) => {
      const outcome = (pieces: Buffer[]) => {
        try {
          return decode(pieces);
        } catch (error) {
          assert.ok(error instanceof ProtocolError);
          return 'broken';
        }
      };
      assert.deepEqual(outcome(cut(bytes, Math.min(at, bytes.length))), outcome([bytes]));
    }),
    { numRuns: full ? 20_000 : 1000 },
  );
});

test('what is no UTF-8 becomes U+FFFD and shifts nothing', () => {
  const bytes = Buffer.concat([Buffer.from('$3\r\n'), Buffer.from([0x61, 0xff, 0x62]), Buffer.from('\r\n+OK\r\n')]);
  assert.deepEqual(decode([bytes]), [
    { kind: 'bulk', text: 'a\ufffdb' },
    { kind: 'simple', text: 'OK' },
  ]);
});

test('a carriage return inside a line is part of it', () => {
  assert.deepEqual(decode([Buffer.from('+a\rb\r\n')]), [{ kind: 'simple', text: 'a\rb' }]);
});

for (const unit of ['x', '€']) {
  test(`a body of 32 MB of ${unit} in pieces of 64 KB comes whole`, () => {
    const body = Buffer.alloc(32 * 1024 * 1024 - 1, unit);
    const text = body.toString();
    const stream = Buffer.concat([Buffer.from(`$${body.length}\r\n`), body, Buffer.from('\r\n+OK\r\n')]);
    let joins = 0;
    const replies: string[] = [];
    const decoder = new ReplyDecoder((_kind, reply) => replies.push(reply));
    // That the cost stays linear shows in how often the pieces are joined.
    const join = Array.prototype.join;
    Array.prototype.join = function (separator) {
      joins++;
      return join.call(this, separator);
    };
    try {
      for (let at = 0; at < stream.length; at += 65_536) decoder.write(stream.subarray(at, at + 65_536));
    } finally {
      Array.prototype.join = join;
    }
    assert.equal(replies.length, 2);
    assert.ok(replies[0] === text, 'the body is the one that was sent');
    assert.ok(joins <= 2, `${joins} joins`);
  });
}

test('limits are taken to the byte', () => {
  const limits = { maxBulkBytes: 5, maxLineBytes: 8 };
  assert.deepEqual(decode([Buffer.from('$5\r\n12345\r\n')], limits), [{ kind: 'bulk', text: '12345' }]);
  assert.throws(() => decode([Buffer.from('$6\r\n')], limits), ProtocolError);
  assert.deepEqual(decode([Buffer.from('+1234567')], limits), []);
  assert.throws(() => decode([Buffer.from('+12345678')], limits), ProtocolError);
});

const broken: [name: string, stream: string, message: RegExp][] = [
  ['an unknown marker', ':5\r\n', /byte 58/],
  ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n', /byte 72/],
  ['an empty line', '\r\n', /byte 13/],
  ['an unknown marker behind a good reply', '+OK\r\n*1\r\n', /byte 42/],
  ['$-2', '$-2\r\n', /"\$-2"/],
  ['$-', '$-\r\n', /"\$-"/],
  ['$-11', '$-11\r\n', /"\$-11"/],
  ['$-0', '$-0\r\n', /"\$-0"/],
  ['no length', '$\r\n', /"\$"/],
  ['no length and LF', '$\n', /"\$"/],
  ['$x', '$x\r\n', /"\$x"/],
  ['$1e9', '$1e9\r\n', /"\$1e9"/],
  ['$ 5', '$ 5\r\n', /"\$ 5"/],
  ['$5.0', '$5.0\r\n', /"\$5\.0"/],
  ['$+5', '$+5\r\n', /"\$\+5"/],
  ['a body of 1 GB', '$1073741824\r\n', /1073741824 bytes was announced/],
  ['a length beyond all numbers', `$${'9'.repeat(400)}\r\n`, /is not a body's length/],
  ['a body that goes on', '$2\r\nabc\r\n', /2 bytes is not followed by the end of a line/],
  ['a body that ends early', '$5\r\nabc\r\n+OK\r\n', /not followed/],
  ['a body with half an end', '$2\r\nab\rx', /not followed/],
  ['an endless line', `+${'x'.repeat(70_000)}`, /goes on after 70001 bytes/],
  ['an endless length', `$${'1'.repeat(70_000)}`, /goes on/],
];

for (const [name, stream, message] of broken) {
  test(`${name} is a ProtocolError, whole and byte by byte`, () => {
    const bytes = Buffer.from(stream);
    assert.throws(
      () => decode([bytes]),
      (error) => error instanceof ProtocolError && message.test(error.message),
    );
    if (bytes.length > 1000) return;
    const pieces = cut(bytes, ...Array.from({ length: bytes.length - 1 }, (_, i) => i + 1));
    assert.throws(() => decode(pieces), ProtocolError);
  });
}

test('an endless line in small pieces is given up at the limit', () => {
  const decoder = new ReplyDecoder(() => assert.fail('there is no reply'));
  let written = 0;
  assert.throws(() => {
    for (decoder.write(Buffer.from('-')); written < 1_000_000; written += 1000) decoder.write(Buffer.alloc(1000, 'x'));
  }, ProtocolError);
  assert.ok(written <= 66_000, `${written} bytes were taken`);
});
