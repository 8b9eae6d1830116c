// One job in this worker, from its FETCH's reply to its ACK's or FAIL's.
//
//   running ──(handler ended, or given up)──▶ ending ──(ACK or FAIL answered)──▶ over
//
// It is its own reply sink, so that an ACK needs no further object. Times are `performance.now()` milliseconds.

import type { Job, JobstormError, ReplyKind, ReplySink } from '@jobstorm/protocol';
import type { QueueState } from './fetch-plan.ts';
import type { JobContext } from './job-context.ts';
import type { JobType } from './job-type.ts';
import type { RunTally } from './tally.ts';

/** Hears of the answer to a run's ACK or FAIL. */
export interface RunOwner {
  answered(run: Run, kind: ReplyKind, text: string): void;
  /** The connection ended before the answer. */
  unanswered(run: Run, error: JobstormError): void;
}

export class Run implements ReplySink {
  readonly job: Job;
  /** Of the perf-test's run that the job belongs to; null when it belongs to none. */
  readonly tally: RunTally | null;
  readonly #owner: RunOwner;
  readonly fetchedMs: number;
  startedMs = 0;
  endedMs = 0;
  state: 'running' | 'ending' | 'over' = 'running';
  /** The FAIL command to send; null: an ACK. */
  failLine: string | null = null;
  /** Where its ACK or FAIL went out. */
  lane = 0;
  /** Among the runs that wait for their handlers (slots.ts); -1: it is none of them. */
  place = -1;
  /** null: it has not started, or nobody knows its type. */
  type: JobType | null = null;
  /** null: nobody asked for it. */
  context: JobContext | null = null;
  /** The queue that counts it; null: none does. */
  queue: QueueState | null = null;

  constructor(job: Job, tally: RunTally | null, fetchedMs: number, owner: RunOwner) {
    this.job = job;
    this.tally = tally;
    this.fetchedMs = fetchedMs;
    this.#owner = owner;
  }

  onReply(kind: ReplyKind, text: string): void {
    this.#owner.answered(this, kind, text);
  }

  onError(error: JobstormError): void {
    this.#owner.unanswered(this, error);
  }
}
