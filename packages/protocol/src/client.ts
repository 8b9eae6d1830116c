// The commands of FWP as methods that return promises, over one connection that comes back by itself.
// Invariant: a call is sent at most once. One made while the connection is away waits for the next up to its deadline; one
// whose connection ended under it is rejected and not repeated, since the server may have carried it out.

import { describeAddress } from './address.ts';
import { expectOk, parseBeatReply, parseObject, type ServerInfo, type WorkerState } from './answers.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { ConnectionError, JobstormError } from './error.ts';
import type { Job } from './job.ts';
import { Link } from './link.ts';

export interface Failure {
  errtype: string;
  message: string;
  backtrace?: readonly string[];
}

export interface MutateCommand {
  cmd: 'clear' | 'kill' | 'discard' | 'requeue';
  target: 'scheduled' | 'retries' | 'dead';
  filter?: { jids?: readonly string[]; regexp?: string; jobtype?: string };
}

/** A call that waits for a connection. */
interface Waiter {
  resolve: (connection: Connection) => void;
  reject: (error: JobstormError) => void;
  timer: NodeJS.Timeout;
}

const fetchBlocksMs = 2000;
const longestTimerMs = 2 ** 31 - 1;

export class Client {
  readonly #options: ConnectionOptions;
  readonly #link: Link;
  readonly #deadlineMs: number;
  #waiters: Waiter[] = [];
  #lastError: JobstormError | null = null;
  #closed = false;

  /** @throws ConnectionError, ProtocolError when the first connection can't be made */
  static async connect(options: ConnectionOptions): Promise<Client> {
    const client = new Client(options);
    await client.#link.start();
    return client;
  }

  /** A client that goes on trying when the first connection can't be made; `onDown` hears of each failure. */
  static connectInBackground(options: ConnectionOptions, onDown?: (error: JobstormError) => void): Client {
    const client = new Client(options, onDown);
    client.#link.startInBackground();
    return client;
  }

  private constructor(options: ConnectionOptions, onDown?: (error: JobstormError) => void) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? 10_000;
    this.#link = new Link({
      ...options,
      onUp: (connection) => this.#up(connection),
      onDown: (error) => {
        this.#lastError = error;
        onDown?.(error);
      },
    });
  }

  get connected(): boolean {
    return this.#link.connection?.open ?? false;
  }

  /** Commands sent and not answered. */
  get pending(): number {
    return this.#link.connection?.pending ?? 0;
  }

  /** @throws ServerError when the server refuses the job */
  push(job: Job): Promise<void> {
    return this.#order(`PUSH ${JSON.stringify(job)}`);
  }

  /** Resolves with the jobs that were refused, jid to reason; the others are queued. */
  pushBulk(jobs: readonly Job[]): Promise<Record<string, string>> {
    return this.#pushBulk(`PUSHB ${JSON.stringify(jobs)}`);
  }

  /** As `pushBulk`, for jobs that are JSON text already, each on one line. */
  pushBulkTexts(jobTexts: readonly string[]): Promise<Record<string, string>> {
    return this.#pushBulk(`PUSHB [${jobTexts.join(',')}]`);
  }

  /** The next job of the leftmost queue that has one; null when none came within the server's 2 seconds. */
  async fetch(queues: readonly string[]): Promise<Job | null> {
    const text = await this.call(`FETCH ${queueNames(queues)}`, this.#deadlineMs + fetchBlocksMs);
    return text === null ? null : (parseObject(text) as Job);
  }

  ack(jid: string): Promise<void> {
    return this.#order(`ACK ${JSON.stringify({ jid })}`);
  }

  fail(jid: string, failure: Failure): Promise<void> {
    return this.#order(`FAIL ${JSON.stringify({ jid, ...failure })}`);
  }

  /** Tells the server that the worker lives; resolves with the state that the server wants it in. */
  async beat(
    wid: string,
    { rssKb, currentState }: { rssKb?: number; currentState?: WorkerState } = {},
  ): Promise<WorkerState> {
    const text = await this.call(`BEAT ${JSON.stringify({ wid, rss_kb: rssKb, current_state: currentState })}`);
    return parseBeatReply(text);
  }

  async info(): Promise<ServerInfo> {
    return parseObject(await this.call('INFO')) as ServerInfo;
  }

  /** Drops every job on the server. */
  flush(): Promise<void> {
    return this.#order('FLUSH');
  }

  /** `*` as the first name means all, here and in the next two. */
  async pauseQueues(names: readonly string[]): Promise<void> {
    await this.#order(`QUEUE PAUSE ${queueNames(names)}`);
  }

  async resumeQueues(names: readonly string[]): Promise<void> {
    await this.#order(`QUEUE RESUME ${queueNames(names)}`);
  }

  /** Drops the queues and the jobs in them. */
  async removeQueues(names: readonly string[]): Promise<void> {
    await this.#order(`QUEUE REMOVE ${queueNames(names)}`);
  }

  /** Age in seconds of each queue's oldest job, 0 for an empty one. */
  async queueLatency(names: readonly string[]): Promise<Record<string, number>> {
    return parseObject(await this.call(`QUEUE LATENCY ${queueNames(names)}`)) as Record<string, number>;
  }

  mutate(command: MutateCommand): Promise<void> {
    // Real Faktory takes no second blank in this line.
    return this.#order(`MUTATE ${JSON.stringify(command).replaceAll(' ', '\\u0020')}`);
  }

  /** Sends any command line; see `Connection.call`. */
  async call(line: string, deadlineMs: number = this.#deadlineMs): Promise<string | null> {
    if (line.includes('\n'))
      throw new JobstormError('ELINE', 'a command has to be one line; this one has a line feed in it');
    const connection = this.#link.connection;
    if (connection?.open && !connection.congested) return connection.call(line, deadlineMs);
    const ready = connection?.open ? connection : await this.#connection(deadlineMs);
    // One at a time: those that waited together must not fill it all together.
    while (ready.open && ready.congested) await ready.drained();
    return ready.call(line, deadlineMs);
  }

  /** Takes no more calls, waits for the replies that are due, and ends. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#takeWaiters()) waiter.reject(this.#awayError());
    await this.#link.stop();
  }

  async #pushBulk(line: string): Promise<Record<string, string>> {
    const text = await this.call(line);
    return text === '{}' ? {} : (parseObject(text) as Record<string, string>);
  }

  async #order(line: string): Promise<void> {
    expectOk(await this.call(line));
  }

  #up(connection: Connection): void {
    this.#lastError = null;
    for (const waiter of this.#takeWaiters()) waiter.resolve(connection);
  }

  #takeWaiters(): Waiter[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { timer } of waiters) clearTimeout(timer);
    return waiters;
  }

  #connection(deadlineMs: number): Promise<Connection> {
    if (this.#closed) return Promise.reject(this.#awayError());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#waiters = this.#waiters.filter((waiter) => waiter.timer !== timer);
          reject(this.#awayError());
        },
        Math.min(deadlineMs, longestTimerMs),
      );
      this.#waiters.push({ resolve, reject, timer });
    });
  }

  #awayError(): JobstormError {
    if (this.#lastError) return this.#lastError;
    return new ConnectionError('ECLOSED', `there is no connection to ${describeAddress(this.#options.address)}`);
  }
}

/** Names as QUEUE and FETCH take them: one could otherwise end the line and start a command of its own. */
function queueNames(names: readonly string[]): string {
  const bad = names.find((name) => !/^\S+$/.test(name));
  if (bad !== undefined) throw new JobstormError('EQUEUE', `"${bad}" is not a queue's name; expected no blanks in it`);
  if (names.length === 0) throw new JobstormError('EQUEUE', 'no queue was named; expected at least one');
  return names.join(' ');
}
