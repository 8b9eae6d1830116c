// Random command lines, said to the embedded server and to real Faktory in turn: whatever one answers, the other has to answer, and
// after each line both hold the same numbers of jobs. JOBSTORM_TEST_SEED=SEED, which is printed, plays a run again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection, testSeed } from '@jobstorm/testkit';
import fc from 'fast-check';
import { jidMark, type Step, steps } from './random-lines.ts';
import { type Subject, startEmbedded, startReal } from './subjects.ts';

const runs = process.env.JOBSTORM_TEST_FULL === '1' ? 5000 : 150;

interface Job {
  jid: string;
  [field: string]: unknown;
}

/** What a server holds, as INFO has it. */
interface Counts {
  queues: Record<string, number>;
  sets: Record<string, number>;
}

const mutateErrors = ['invalid format', 'unknown mutate operation', 'invalid target for mutation command'];

const isTime = (value: unknown) => typeof value === 'string' && /^2\d{3}-.*Z$/.test(value);

class Side {
  readonly connection: RawConnection;

  constructor(connection: RawConnection) {
    this.connection = connection;
  }

  static async open(subject: Subject): Promise<Side> {
    return new Side(await RawConnection.greeted(subject, { wid: 'w1', hostname: 'h', pid: 1, labels: [] }));
  }

  /** A reply in the form in which servers are compared. */
  async say(line: string): Promise<string> {
    this.connection.socket.write(Buffer.from(`${line}\r\n`, 'latin1'));
    let reply = await this.connection.reply();
    if (reply === null) return 'closed';
    // Ours lets no line break into a line of its own.
    if (reply.startsWith('-')) reply = reply.replaceAll(/[\r\n]/g, ' ');
    // Texts of JSON decoders are nobody's business, and those of MUTATE have no prefix.
    if (line.startsWith('MUTATE') && reply.startsWith('-ERR ') && !mutateErrors.includes(reply.slice(5)))
      return '-ERR (bad JSON)';
    return reply.replace(/^(-ERR invalid JSON:).*$/s, '$1 …').replace(/^(-ERR invalid timestamp for 'at').*$/s, '$1 …');
  }

  async counts(): Promise<Counts & { totals: number[] }> {
    const reply = await this.connection.call('INFO');
    const { queues, sets, total_processed, total_failures, total_enqueued } = JSON.parse(
      reply!.split('\r\n')[1]!,
    ).faktory;
    return { queues, sets, totals: [total_processed, total_failures, total_enqueued] };
  }

  async clear(): Promise<void> {
    for (const line of ['QUEUE RESUME *', 'QUEUE REMOVE *', 'FLUSH']) assert.equal(await this.say(line), '+OK', line);
  }
}

/** The body of a reply with what only the clock decides taken out. */
function comparable(reply: string): unknown {
  const body = reply.startsWith('$') ? reply.slice(reply.indexOf('\r\n') + 2) : '';
  if (!body.startsWith('{')) return reply;
  const clean = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => clean(each, ''));
    if (value !== null && typeof value === 'object') {
      // As entries, since a key may be __proto__, and keys are in no order.
      return Object.entries(value)
        .map(([name, each]) => [name, clean(each, name)])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    }
    if (typeof value === 'string' && value.startsWith("invalid timestamp for 'at'")) return '(bad time)';
    // Real Faktory cuts characters in two.
    if (key === 'message' || key === 'errtype') return String(value).replace(/\ufffd+$/, '');
    if (/_at$/.test(key) && isTime(value)) return '(time)';
    // Ours keeps integers as far as doubles are exact.
    if (
      typeof value === 'number' &&
      Math.abs(value) > 2 ** 53 - 1 &&
      /^(retry|remaining|retry_count|reserve_for)$/.test(key)
    )
      return Math.sign(value) * (2 ** 53 - 1);
    return value;
  };
  return clean(JSON.parse(body), '');
}

let serial = 0;

class Pair {
  readonly real: Side;
  readonly ours: Side;
  readonly #reserved: string[] = [];
  readonly #paused = new Set<string>();
  /** Said up to now, for whoever has to find out. */
  readonly story: string[] = [];

  constructor(real: Side, ours: Side) {
    this.real = real;
    this.ours = ours;
  }

  async play(step: Step): Promise<void> {
    const [real, ours] = await Promise.all([this.real.counts(), this.ours.counts()]);
    assert.deepEqual(ours, real, `INFO after\n${this.story.join('\n')}`);
    const line = this.#line(step, ours);
    // Ours takes JSON with blanks there, which real Faktory calls an invalid format.
    // Of a PUSHB it refuses the job with a number that no double can be, and real Faktory the whole call.
    if (line === null || /^MUTATE .* /.test(line) || /^PUSHB .*1e400/.test(line)) return;
    const isLatency = line.startsWith('QUEUE LATENCY');
    const replies = await Promise.all([this.ours.say(line), this.real.say(line)]);
    this.story.push(`${line}   → ${replies[1].slice(0, 200)}`);
    const [had, expected] = replies.map(isLatency ? withoutNumbers : comparable);
    assert.deepEqual(had, expected, `${this.story.join('\n')}\nserver-node: ${replies[0]}`);
    if (step.do === 'fetch') this.#reserved.push((JSON.parse(replies[0].split('\r\n')[1]!) as Job).jid);
    else this.#follow(line);
  }

  #line(step: Step, { queues }: Counts): string | null {
    switch (step.do) {
      case 'line':
        return step.line
          .replaceAll(jidMark, () => `jid-${100_000 + serial++}`)
          .replaceAll('%AT%', () => new Date(Date.now() + 3_600_000 + serial * 1000).toISOString());
      case 'fetch':
        return step.queues.some((name) => (queues[name] ?? 0) > 0 && !this.#paused.has(name))
          ? `FETCH ${step.queues.join(' ')}`
          : null;
      default: {
        const [jid] = this.#reserved.splice(step.pick % Math.max(1, this.#reserved.length), 1);
        return jid === undefined ? null : `${step.do.toUpperCase()} {"jid":${JSON.stringify(jid)}${step.report}}`;
      }
    }
  }

  /** Which queues are paused is not told by anybody, so it is followed; a queue that is not known is not paused by it. */
  #follow(line: string): void {
    const [verb, word = '', ...names] = line.split(' ');
    if (verb !== 'QUEUE') return;
    // Rather too many: it only means that they are not fetched from.
    for (const name of names[0] === '*' ? ['alpha', 'b.e-t_a'] : names) {
      if (word.toUpperCase() === 'PAUSE') this.#paused.add(name);
      else if (names[0] !== '*' && /^(RESUME|REMOVE)$/i.test(word)) this.#paused.delete(name);
    }
  }
}

const withoutNumbers = (reply: string) => comparable(reply.replace(/:\d+(\.\d+)?(e-?\d+)?/g, ':0'));

test(`${runs} sequences of random lines are answered as real Faktory answers them`, async (t) => {
  const seed = testSeed();
  t.diagnostic(`JOBSTORM_TEST_SEED=${seed} plays these ${runs} sequences again`);
  const subjects = await Promise.all([startReal({}), startEmbedded({})]);
  let lines = 0;
  const play = async (sequence: Step[]) => {
    const [real, ours] = await Promise.all(subjects.map((subject) => Side.open(subject)));
    const pair = new Pair(real!, ours!);
    try {
      await Promise.all([real!.clear(), ours!.clear()]);
      for (const step of sequence) await pair.play(step);
      lines += pair.story.length;
    } finally {
      for (const side of [real, ours]) side!.connection.destroy();
    }
  };
  try {
    await fc.assert(fc.asyncProperty(steps, play), { numRuns: runs, seed });
  } finally {
    await Promise.all(subjects.map((subject) => subject.close()));
  }
  t.diagnostic(`${lines} lines`);
});
