// Exchanges: what clients send, and what a job server should answer, as data that is played against any server.
//
//   exchange ──▶ play(address) ──▶ transcript ──▶ problems with it        two transcripts ──▶ where the servers differ
//
// A transcript holds the replies in the order of the exchange's expectations, so two of one exchange can be laid side by side.

import { isDeepStrictEqual } from 'node:util';
import { type Expectation, exactly } from './expectation.ts';
import { type RawAddress, RawConnection, type RawHello, type RawReply, rawPasswordHash } from './raw-connection.ts';

/** Makes the HELLO's fields from the greeting's; for passwords. */
export type HelloMaker = (hi: { s?: string; i?: number }) => RawHello;

export type Step =
  | { do: 'open'; on: string; hello: RawHello | HelloMaker | null; expect: Expectation }
  | { do: 'send'; on: string; bytes: string | Uint8Array }
  | { do: 'hear'; on: string; expect: Expectation; withinMs: number }
  | { do: 'repeat'; on: string; line: string; expect: Expectation; withinMs: number }
  | { do: 'leave'; on: string; how: 'half-close' | 'destroy' | 'reset' };

export interface Exchange {
  name: string;
  /** Which of the suite's servers it is played on: `shared` with others at the same time, `alone`, with a `password`, or by `tls`. */
  server: 'shared' | 'alone' | 'password' | 'tls';
  /** Made anew for every playing, so that times in it are fresh. */
  steps(): readonly Step[];
}

/** Names that no other exchange uses. */
export interface Names {
  queue: string;
  /** At least 8 bytes. */
  jid(n: number): string;
  wid: string;
}

/** A reply, and what was sent last before it, for messages. */
export interface Heard {
  after: string;
  expect: Expectation;
  reply: RawReply | null;
}

export type Transcript = readonly Heard[];

const usualWaitMs = 10_000;

function asExpectation(expected: Expectation | string | null): Expectation {
  return typeof expected === 'string' || expected === null ? exactly(expected) : expected;
}

/** Opens a connection and shakes hands. `hello` null: only connects, and the greeting is the next reply to hear. */
export function open(
  on: string,
  hello: RawHello | HelloMaker | null = {},
  expected: Expectation | string | null = '+OK',
): Step {
  return { do: 'open', on, hello, expect: asExpectation(expected) };
}

/** Sends a line (CRLF is added) and hears its reply. */
export function say(line: string, expected: Expectation | string | null, on = 'main'): Step[] {
  return [send(`${line}\r\n`, on), hear(expected, on)];
}

/** Sends bytes as they are. */
export function send(bytes: string | Uint8Array, on = 'main'): Step {
  return { do: 'send', on, bytes };
}

export function hear(expected: Expectation | string | null, on = 'main', withinMs = usualWaitMs): Step {
  return { do: 'hear', on, expect: asExpectation(expected), withinMs };
}

/** Sends the line over and over until its reply is as expected. Only that reply enters the transcript. */
export function repeatUntil(line: string, expected: Expectation | string, withinMs = usualWaitMs, on = 'main'): Step {
  return { do: 'repeat', on, line, expect: asExpectation(expected), withinMs };
}

export function leave(on: string, how: 'half-close' | 'destroy' | 'reset' = 'destroy'): Step {
  return { do: 'leave', on, how };
}

/** Fills a suite: numbers its exchanges so that their names never meet. */
export class ExchangeList {
  readonly exchanges: Exchange[] = [];
  readonly #prefix: string;

  /** @param prefix unique among the lists that are played on one server */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add(name: string, steps: (names: Names) => (Step | Step[])[], server: Exchange['server'] = 'shared'): void {
    const id = `${this.#prefix}${this.exchanges.length}`;
    const names: Names = { queue: `q-${id}`, jid: (n) => `job-${id}-${n}`, wid: `wid-${id}` };
    this.exchanges.push({ name: `${this.#prefix}: ${name}`, server, steps: () => steps(names).flat() });
  }
}

async function shakeHands(connection: RawConnection, hello: RawHello | HelloMaker): Promise<RawReply | null> {
  if (typeof hello !== 'function') return connection.greet(hello);
  const hi = await connection.reply();
  const fields = hello(JSON.parse(hi?.replace('+HI ', '') ?? '{}') as { s?: string; i?: number });
  return connection.call(`HELLO ${JSON.stringify(fields)}`);
}

/** The HELLO of someone who knows the password. */
export function knows(password: string, fields: RawHello = { v: 2 }): HelloMaker {
  return ({ s = '', i = 1 }) => ({ ...fields, pwdhash: rawPasswordHash(password, s, i) });
}

/** One playing of an exchange: its open connections and what was heard so far. */
class Player {
  readonly heard: Heard[] = [];
  readonly #connections = new Map<string, RawConnection>();
  readonly #address: RawAddress;
  #lastSent = 'connect';

  constructor(address: RawAddress) {
    this.#address = address;
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'open':
        return this.#open(step.on, step.hello, step.expect);
      case 'send':
        return this.#send(await this.#connection(step.on), step.bytes);
      case 'hear':
        return this.#note(step.expect, await (await this.#connection(step.on)).reply(step.withinMs));
      case 'repeat':
        return this.#repeat(step.on, step.line, step.expect, step.withinMs);
      case 'leave':
        return this.#leave(await this.#connection(step.on), step.how);
    }
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.destroy();
  }

  #note(expect: Expectation, reply: RawReply | null): void {
    this.heard.push({ after: this.#lastSent, expect, reply });
  }

  async #open(on: string, hello: RawHello | HelloMaker | null, expect: Expectation): Promise<void> {
    const connection = await RawConnection.open(this.#address);
    this.#connections.set(on, connection);
    this.#lastSent = `HELLO on ${on}`;
    if (hello !== null) this.#note(expect, await shakeHands(connection, hello));
  }

  async #connection(on: string): Promise<RawConnection> {
    if (!this.#connections.has(on)) await this.#open(on, {}, exactly('+OK'));
    return this.#connections.get(on)!;
  }

  #send(connection: RawConnection, bytes: string | Uint8Array): void {
    this.#lastSent = String(bytes);
    connection.send(bytes);
  }

  async #repeat(on: string, line: string, expect: Expectation, withinMs: number): Promise<void> {
    const connection = await this.#connection(on);
    const deadline = performance.now() + withinMs;
    this.#lastSent = line;
    for (;;) {
      const reply = await connection.call(line);
      if (expect.problem(reply) === null || performance.now() >= deadline) return this.#note(expect, reply);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  #leave(connection: RawConnection, how: 'half-close' | 'destroy' | 'reset'): void {
    if (how === 'half-close') connection.halfClose();
    else if (how === 'reset') connection.reset();
    else connection.destroy();
  }
}

/** Plays an exchange against the server there. @throws Error when a reply does not come at all */
export async function play(exchange: Exchange, address: RawAddress): Promise<Transcript> {
  const player = new Player(address);
  try {
    for (const step of exchange.steps()) await player.step(step);
  } finally {
    player.close();
  }
  return player.heard;
}

const shorten = (text: string) => (text.length > 300 ? `${text.slice(0, 300)}…` : text);

/** Where a transcript leaves what was expected, a sentence each. */
export function problemsIn(transcript: Transcript): string[] {
  return transcript.flatMap(({ after, expect, reply }) => {
    const problem = expect.problem(reply);
    return problem === null ? [] : [shorten(`after ${JSON.stringify(after)}: ${problem}, expected ${expect.says}`)];
  });
}

/** Where two servers answered one exchange differently, a sentence each. */
export function differences(one: Transcript, other: Transcript): string[] {
  return one.flatMap(({ after, expect, reply }, index) => {
    const second = other[index]?.reply ?? null;
    // Each by its own expectation: those of one playing may hold times that the other's do not.
    if (isDeepStrictEqual(expect.comparable(reply), (other[index]?.expect ?? expect).comparable(second))) return [];
    return [shorten(`after ${JSON.stringify(after)}: ${JSON.stringify(reply)} against ${JSON.stringify(second)}`)];
  });
}
