// The jobs of one POST /jobs/batch: checked, written and cut into PUSHBs, a bounded number of them under way at one time.
// Invariants: the outcome names every job of the request once, as held by the job server or with the reason why not; job texts
// are made only when there is room for their PUSHB, so that 100,000 jobs don't lie here twice over; once a PUSHB has failed
// because the job server went away, no more are sent.

import { itemMistake } from './batch-item.ts';
import type { Gate } from './gate.ts';
import type { JidSource } from './jids.ts';
import { argsText, type JobWriter, operandsText } from './job-text.ts';
import type { Meter } from './meter.ts';
import type { Pusher } from './pusher.ts';
import type { RequestError } from './request-error.ts';
import type { BatchItem } from './schemas.ts';

export interface Refused {
  /** Of the job in the request, from 0. */
  index: number;
  /** Missing when the job was turned away before it got one. */
  job_id?: string;
  reason: string;
}

export interface BulkOutcome {
  /** Of the jobs that the job server holds, in the request's order. */
  jobIds: string[];
  /** By index. */
  refused: Refused[];
  /** Why some jobs were not sent or not confirmed; null: the job server answered for all. */
  failure: RequestError | null;
}

export interface BulkOptions {
  pusher: Pusher;
  meter: Meter;
  gate: Gate;
  jids: JidSource;
  writer: JobWriter;
  /** Jobs in a PUSHB. */
  maxSize: number;
}

/** A cut of the request on its way: `jids[i]` and `texts[i]` belong to item `indices[i]`. */
interface Cut {
  indices: number[];
  jids: string[];
  texts: string[];
}

export class BulkRequest {
  readonly #items: readonly unknown[];
  readonly #options: BulkOptions;
  readonly #takenMs = performance.now();
  /** By index: the jid of each item that was written. */
  readonly #jids: string[];
  readonly #reasons = new Map<number, string>();
  #next = 0;
  #failure: RequestError | null = null;

  constructor(items: readonly unknown[], options: BulkOptions) {
    this.#items = items;
    this.#options = options;
    this.#jids = new Array<string>(items.length).fill('');
  }

  /** Never rejects. Called once. */
  async run(): Promise<BulkOutcome> {
    const { gate } = this.#options;
    const pushes: Promise<void>[] = [];
    while (this.#next < this.#items.length && this.#failure === null) {
      if (!gate.tryEnter()) await gate.wait();
      const cut = this.#failure === null ? this.#cut() : null;
      if (cut === null || cut.texts.length === 0) gate.leave();
      else pushes.push(this.#push(cut).finally(() => gate.leave()));
    }
    await Promise.all(pushes);
    const outcome = this.#outcome();
    this.#options.meter.accepted += outcome.jobIds.length;
    this.#options.meter.refused += outcome.refused.length;
    return outcome;
  }

  #cut(): Cut {
    const cut: Cut = { indices: [], jids: [], texts: [] };
    const { maxSize } = this.#options;
    while (cut.texts.length < maxSize && this.#next < this.#items.length) {
      const index = this.#next++;
      const item = this.#items[index];
      const mistake = itemMistake(item);
      if (mistake === null) this.#write(item as BatchItem, index, cut);
      else this.#reasons.set(index, mistake);
    }
    return cut;
  }

  #write(item: BatchItem, index: number, cut: Cut): void {
    const { jids, writer, meter } = this.#options;
    const { type, args } = item;
    const jid = item.jid ?? jids.next();
    try {
      const text = Array.isArray(args) ? argsText(args) : operandsText(args.a, args.b);
      cut.texts.push(writer.write(jid, type, text, item));
    } catch (error) {
      this.#reasons.set(index, (error as RequestError).message);
      return;
    }
    meter.taken(item, this.#takenMs);
    cut.indices.push(index);
    cut.jids.push(jid);
    this.#jids[index] = jid;
  }

  async #push({ indices, jids, texts }: Cut): Promise<void> {
    const { pusher, meter } = this.#options;
    const waitedUs = (performance.now() - this.#takenMs) * 1000;
    for (let i = 0; i < texts.length; i++) meter.waited(waitedUs);
    try {
      const refusals = await pusher.push(jids, texts);
      if (Object.keys(refusals).length === 0) return;
      for (let i = 0; i < jids.length; i++) {
        const jid = jids[i]!;
        if (Object.hasOwn(refusals, jid)) this.#reasons.set(indices[i]!, refusals[jid]!);
      }
    } catch (error) {
      const failure = error as RequestError;
      // Of several failures the one that leaves jobs in doubt is what the caller has to know.
      if (this.#failure === null || failure.code === 'EUNCONFIRMED') this.#failure = failure;
      for (const index of indices) this.#reasons.set(index, failure.message);
    }
  }

  #outcome(): BulkOutcome {
    const reasons = this.#reasons;
    const failure = this.#failure;
    for (let index = this.#next; index < this.#items.length; index++) {
      reasons.set(index, 'not sent, since the job server went away before');
    }
    if (reasons.size === 0) return { jobIds: this.#jids, refused: [], failure: null };
    const jobIds = this.#jids.filter((_, index) => !reasons.has(index));
    const refused = [...reasons].sort(([a], [b]) => a - b).map(([index, reason]) => this.#refusal(index, reason));
    return { jobIds, refused, failure };
  }

  #refusal(index: number, reason: string): Refused {
    const jid = this.#jids[index]!;
    return jid === '' ? { index, reason } : { index, job_id: jid, reason };
  }
}
