// Random command lines for a server: mostly good ones that meet each other's jobs, among them everything that a decoder of JSON, a
// check or a filter may see otherwise than its neighbour. Left out is what ../../../docs and the exchanges note as the real server's
// own: a `retry` left out, keys in other cases, bare verbs, FLUSH's leftovers, one jid reserved twice.

import fc from 'fast-check';

export const queueNames = ['alpha', 'b.e-t_a'];

export type Step =
  /** One line, as bytes of latin1. */
  | { do: 'line'; line: string }
  /** Is said only when there is a job, since it would wait for 2 s. */
  | { do: 'fetch'; queues: string[] }
  /** Of a job that was fetched. */
  | { do: 'ack' | 'fail'; pick: number; report: string };

const utf8 = (text: string) => Buffer.from(text).toString('latin1');

const text = fc.constantFrom(
  '"plain"',
  '""',
  '"ü€𝄞"',
  '"a\\u0041\\n\\t\\/"',
  '"\\ud834\\udd1e"',
  '"\\ud834"',
  '"\\udd1e x"',
  '"<b>&amp;\u2028"',
  '"\\u0000"',
  '"\u007f"',
  '"__proto__"',
  '"a\tb"',
  '"\\x41"',
  '"\\u12"',
  '"unfinished',
);
const number = fc.constantFrom(
  '0',
  '-0',
  '1',
  '-1',
  '1.0',
  '1e3',
  '1E+2',
  '0.1',
  '1e21',
  '1e-7',
  '123456789012345678901',
  '9007199254740993',
  '1.7976931348623157e308',
  '1e400',
  '-1e400',
  '01',
  '1.',
  '.5',
  '+1',
  '1e',
  '5e-324',
  '1e-400',
  '0e0',
  'NaN',
  'Infinity',
  '0x10',
);
const word = fc.constantFrom('true', 'false', 'null', 'nul', 'True', 'undefined');
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: text },
    { weight: 4, arbitrary: number },
    { weight: 2, arbitrary: word },
    { weight: 2, arbitrary: fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items.join()}]`) },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.tuple(text, tie('json')), { maxLength: 3 })
        .map((entries) => `{${entries.map(([key, value]) => `${key}: ${value}`).join(' ,')}}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '[1,]',
        '{"a":1,}',
        '[1 2]',
        '{"a"}',
        '{1:2}',
        '[',
        '{',
        ']',
        '',
        '[1]]',
        '/* */ 1',
        '\ufeff1',
        '{"a":1,"a":[2]}',
      ),
    },
  ),
}));

/** As a field that a good job leaves out. */
const at = fc.constantFrom(
  '"2020-01-01T00:00:00Z"',
  '"2020-01-01T00:00:00+02:00"',
  '"2020-01-01T00:00:00.123456789-23:59"',
  '"2020-01-01t00:00:00z"',
  '"2020-01-01 00:00:00Z"',
  '"2020-02-30T00:00:00Z"',
  '"2020-01-01T24:00:00Z"',
  '"2020-01-01T00:00:60Z"',
  '"2020-01-01T00:00:00"',
  '"2020-01-01T00:00:00,5Z"',
  '"2020-1-1T0:0:0Z"',
  '"0000-01-01T00:00:00Z"',
  '"2020-01-01T00:00:00+24:00"',
  '"2020-01-01T00:00:00+0200"',
  '"2020-01-01T00:00:00.Z"',
  '"1e9"',
  '""',
  'null',
  '5',
  '" 2020-01-01T00:00:00Z"',
);
const good = {
  retry: fc.constantFrom('-1', '0', '1', '2', '25'),
  args: fc.constantFrom('[]', '[1,"two",{"three":[4]}]'),
};
const odd: Record<string, fc.Arbitrary<string>> = {
  queue: fc.constantFrom('"no way"', '""', 'null', '7', '"ü"', '"a/b"', '"a\\n"', '"-._"'),
  jobtype: fc.oneof(fc.constantFrom('""', 'null', '"ü"', '"a\\"b"', '"a*"'), json),
  args: json,
  custom: fc.oneof(
    fc.constantFrom('{}', '{"a":{"b":[1.50,"<>"]}}', '[]', '"x"', '{"__proto__":{"a":1}}', '{"z":1,"a":2}'),
    json,
  ),
  retry: fc.constantFrom(
    '1.0',
    '1e0',
    '"1"',
    '1.5',
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '[]',
  ),
  reserve_for: fc.constantFrom(
    '0',
    '59',
    '60',
    '86400',
    '86401',
    '-5',
    '-0',
    '60.0',
    '"60"',
    'null',
    '1e2',
    '99999999999999999999',
  ),
  backtrace: fc.constantFrom('0', '5', '-5', '"5"', 'null', 'true'),
  at,
  created_at: fc.constantFrom('"yesterday"', '""', 'null', '5', '"ü"'),
  enqueued_at: fc.constantFrom('"yesterday"', '""', 'null', '5'),
  failure: fc.constantFrom(
    'null',
    '{}',
    '{"retry_count":3,"remaining":1,"message":"m"}',
    '{"retry_count":"3"}',
    '{"retry_count":1.5}',
    '{"backtrace":["a"]}',
    '{"backtrace":"a"}',
    '[]',
    '5',
    '{"failed_at":"x","next_at":"y","errtype":"<e>","nosuch":1}',
    '{"backtrace":[null]}',
    '{"backtrace":[]}',
  ),
  priority: json,
};
const field = fc.constantFrom(...Object.keys(odd)).chain((name) => odd[name]!.map((value) => [name, value] as const));

/** Jobs get their jids where they are sent, so that each is another one. */
export const jidMark = '%JID%';
const job = fc
  .record({
    queue: fc.constantFrom(...queueNames),
    retry: good.retry,
    args: good.args,
    jid: fc.oneof(
      { weight: 20, arbitrary: fc.constant(`"${jidMark}"`) },
      { weight: 1, arbitrary: fc.constantFrom('"short"', `"äöü${jidMark}"`, 'null', '5', '"1234567"') },
    ),
    odd: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(field, { minLength: 1, maxLength: 2 }) },
    ),
    inS: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
  })
  .map(({ queue, retry, args, jid, odd: more, inS }) => {
    const fields = new Map<string, string>([
      ['jid', jid],
      ['jobtype', '"t"'],
      ['queue', `"${queue}"`],
      ['retry', retry],
      ['args', args],
    ]);
    if (inS) fields.set('at', '"%AT%"');
    // Real Faktory takes a job that is due later for any queue, and loses it when it is due and that is no name for one.
    for (const [name, value] of more) if (name !== 'queue' || !inS) fields.set(name, value);
    return `{${[...fields].map(([name, value]) => `"${name}":${value}`).join()}}`;
  });

/** Spoilt somewhere, now and then. */
const spoilt = (line: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 30, arbitrary: line },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          line,
          fc.nat(200),
          fc.constantFrom(
            '',
            ' ',
            '"',
            '\\',
            ',',
            '\x01',
            '\xff',
            '\xc3',
            '\xed\xa0\x80',
            '}',
            '\t',
            '\r',
            '\x00',
            '\xa0',
          ),
        )
        .map(([whole, where, put]) => {
          const cut = Math.min(whole.indexOf(' ') + 1 + where, whole.length);
          const spoiled = whole.slice(0, cut) + put + whole.slice(cut + (put === '' ? 1 : 0));
          // What a job without a retry gets, and one for later that names no queue, is real Faktory's own matter.
          if (whole.includes('%AT%')) return whole;
          return spoiled.split('"retry":').length === whole.split('"retry":').length ? spoiled : whole;
        }),
    },
  );

const name = fc.constantFrom(...queueNames, 'nosuch', '*', '', 'ü');
const filter = fc.oneof(
  fc.constantFrom(
    'null',
    '{}',
    '{"jids":[]}',
    '{"jids":null}',
    '{"jids":"x"}',
    '[]',
    '{"jobtype":"t"}',
    '{"jobtype":"T"}',
    '{"jobtype":"?"}',
    '{"jobtype":""}',
  ),
  fc
    .constantFrom(
      '*',
      '',
      't',
      '*"jobtype":"t"*',
      '*alpha*',
      '*[a-b]lpha*',
      '*[^a]lpha*',
      '*\\\\"t\\\\"*',
      '*lph?\\"*',
      '*[z-a]*',
      '*[',
      '**',
      '{*}',
      '*ALPHA*',
      '*?*',
      '*[!a]lpha*',
      '*\\\\',
    )
    .chain((glob) =>
      fc.constantFrom(
        `{"regexp":"${glob.replace(/(?<!\\)"/g, '\\"')}"}`,
        `{"regexp":"${glob.replace(/(?<!\\)"/g, '\\"')}","jobtype":"t"}`,
      ),
    ),
);
const mutation = fc
  .record({
    cmd: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('"clear"', '"kill"', '"discard"') },
      { weight: 1, arbitrary: fc.constantFrom('"requeue"', '"Kill"', '""', 'null', '5') },
    ),
    target: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('"scheduled"', '"retries"', '"dead"') },
      { weight: 1, arbitrary: fc.constantFrom('"working"', '""', 'null', '5') },
    ),
    filter: fc.option(filter, { nil: undefined }),
  })
  // In which order the jobs of a set come back is a matter of chance there; the exchanges have each of them alone.
  .filter(({ cmd, target }) => cmd !== '"requeue"' || !/"(scheduled|retries|dead)"/.test(target))
  .map(
    (fields) =>
      `MUTATE {${Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `"${key}":${value}`)
        .join()}}`,
  );

const line = fc.oneof(
  { weight: 10, arbitrary: job.map((each) => `PUSH ${each}`) },
  { weight: 3, arbitrary: fc.array(job, { maxLength: 3 }).map((jobs) => `PUSHB [${jobs.join()}]`) },
  { weight: 1, arbitrary: json.map((value) => `PUSHB ${value}`) },
  { weight: 1, arbitrary: json.map((value) => `PUSH ${value}`) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('ACK', 'FAIL', 'BEAT', 'MUTATE'), json)
      .map(([verb, value]) => `${verb} ${value}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('jid', 'wid', 'rss_kb', 'backtrace', 'errtype'),
        json,
        fc.constantFrom('ACK', 'FAIL', 'BEAT'),
      )
      .map(([key, value, verb]) => `${verb} {"jid":"no-such-jid","wid":"w1","${key}":${value}}`),
  },
  { weight: 4, arbitrary: mutation },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('PAUSE', 'resume', 'REMOVE'), fc.array(name, { minLength: 1, maxLength: 2 }))
      .map(([sub, names]) => `QUEUE ${sub} ${names.join(' ')}`),
  },
  { weight: 1, arbitrary: fc.array(name, { maxLength: 3 }).map((names) => ['QUEUE LATENCY', ...names].join(' ')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'QUEUE NOSUCH a',
      'QUEUE  PAUSE alpha',
      'NOSUCH',
      '',
      ' PUSH {}',
      'push {}',
      'BATCH NEW {}',
      'TRACK GET x',
      'PUSH\t{}',
      'HELLO {}',
    ),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: spoilt(line).map((each) => ({ do: 'line' as const, line: utf8Kept(each) })) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fetch' as const),
      queues: fc.uniqueArray(fc.constantFrom(...queueNames), { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('ack' as const), pick: fc.nat(9), report: fc.constant('') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      pick: fc.nat(9),
      report: fc.constantFrom(
        '',
        ',"errtype":"E","message":"m"',
        ',"message":"  spaces  "',
        ',"message":null,"backtrace":null',
        ',"backtrace":["a","b"]',
        ',"backtrace":[]',
        `,"message":"${utf8('ü'.repeat(600))}"`,
        `,"message":"x${utf8('€'.repeat(400))}"`,
        `,"errtype":"${utf8('ü'.repeat(60))}"`,
        `,"backtrace":[${'"l",'.repeat(60)}"m"]`,
        ',"errtype":" \\u00a0\\u3000\\n "',
        ',"message":"\\ufeffx\\u0085"',
      ),
    }),
  },
);

/** Characters beyond latin1 as their bytes; those that stand for bytes stay. */
function utf8Kept(mixed: string): string {
  return [...mixed].map((character) => (character.codePointAt(0)! > 0xff ? utf8(character) : character)).join('');
}

export const steps: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 30, size: 'max' });
