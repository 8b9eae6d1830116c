// Hands batches to the job server and says what became of each job.
// Invariant: a job is sent at most once, save one case: the server rejects a whole PUSHB as invalid JSON when one of its jobs
// is beyond its decoder (numbers or nesting out of its range) and then holds none of them. Such a batch is halved until the
// culprit stands alone, so that it is an error for its own caller only.

import { ServerError } from '@jobstorm/protocol';
import { maxPushChars } from './limits.ts';
import type { Meter } from './meter.ts';
import { serverAway, unconfirmed } from './request-error.ts';

/** Where jobs go: a client of the job server, or what a test puts in its place. */
export interface JobSink {
  /** false: calls would wait for a connection. */
  readonly connected: boolean;
  /** Resolves with the jobs refused, jid to reason; the server holds the others. */
  pushBulkTexts(texts: readonly string[]): Promise<Record<string, string>>;
}

/** Refused jobs, jid to the server's reason. */
export type Refusals = Readonly<Record<string, string>>;

export class Pusher {
  readonly #sink: JobSink;
  readonly #meter: Meter;

  constructor(sink: JobSink, meter: Meter) {
    this.#sink = sink;
    this.#meter = meter;
  }

  get connected(): boolean {
    return this.#sink.connected;
  }

  /**
   * Pushes jobs, `jids[i]` being that of `texts[i]`.
   * @throws RequestError EAWAY: nothing was sent; EUNCONFIRMED: nobody knows
   */
  async push(jids: readonly string[], texts: readonly string[]): Promise<Refusals> {
    if (!this.#sink.connected) throw serverAway();
    if (texts.length > 1 && charsOf(texts) > maxPushChars) return this.#halves(jids, texts);
    const meter = this.#meter;
    meter.batches++;
    meter.batchesInFlight++;
    const sentMs = performance.now();
    try {
      const refusals = await this.#sink.pushBulkTexts(texts);
      meter.pushed(texts.length, (performance.now() - sentMs) * 1000);
      return refusals;
    } catch (error) {
      if (!isRejectedWhole(error)) throw unconfirmed(error as Error);
      if (texts.length === 1) return { [jids[0]!]: error.message };
    } finally {
      meter.batchesInFlight--;
    }
    return this.#halves(jids, texts);
  }

  async #halves(jids: readonly string[], texts: readonly string[]): Promise<Refusals> {
    const middle = texts.length >> 1;
    const first = await this.push(jids.slice(0, middle), texts.slice(0, middle));
    const second = await this.push(jids.slice(middle), texts.slice(middle));
    return { ...first, ...second };
  }
}

function charsOf(texts: readonly string[]): number {
  let chars = 0;
  for (const text of texts) chars += text.length;
  return chars;
}

function isRejectedWhole(error: unknown): error is ServerError {
  return error instanceof ServerError && error.message.startsWith('invalid JSON');
}
