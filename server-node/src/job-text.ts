// The stored form of a job: the very bytes that FETCH hands out, as byte text (one character a byte), with what the server
// has to know without parsing it again. Fields stand in Faktory's order and empty ones are left out as it leaves them out:
//   {"retry":25,"failure":…,"custom":…,"jid":"…","queue":"…","jobtype":"…","created_at":"…","enqueued_at":"…","at":"…","args":[…],"reserve_for":60,"backtrace":5}

import { fromByteText, type JobFailure, toByteText } from '@jobstorm/protocol';
import { type Block, putText } from './block.ts';
import { type JobFields, keptInt, maxReserveForS, queueOf } from './job-fields.ts';
import { JsonWriter } from './json-writer.ts';

const defaultRetry = 25;
const defaultReserveForS = 1800;
const minReserveForS = 60;

/** A time as jobs are stamped with it, ready to be written. */
export interface Stamp {
  /** `,"created_at":"…"` */
  created: Uint8Array;
  /** `,"enqueued_at":"…"` */
  enqueued: Uint8Array;
}

/** @param now RFC 3339 */
export function makeStamp(now: string): Stamp {
  return { created: Buffer.from(`,"created_at":"${now}"`), enqueued: Buffer.from(`,"enqueued_at":"${now}"`) };
}

/** Names of fields with what stands before and behind them. */
const names = {
  retry: Buffer.from('{"retry":'),
  failure: Buffer.from(',"failure":'),
  custom: Buffer.from(',"custom":'),
  jid: Buffer.from(',"jid":'),
  queue: Buffer.from(',"queue":'),
  jobtype: Buffer.from(',"jobtype":'),
  created: Buffer.from(',"created_at":'),
  enqueued: Buffer.from(',"enqueued_at":'),
  at: Buffer.from(',"at":'),
  args: Buffer.from(',"args":'),
  reserveFor: Buffer.from(',"reserve_for":'),
  backtrace: Buffer.from(',"backtrace":'),
};

/** Where the jid stands in a job's text, without its quotes, and how long the job may be reserved. */
interface Marks {
  jidStart: number;
  jidLength: number;
  /** It stands there with escapes. */
  jidEscaped: boolean;
  reserveForS: number;
}

export interface JobText extends Readonly<Marks> {
  /** Byte text, in one piece of its own. */
  readonly text: string;
  /** Of the text, in bytes. */
  readonly length: number;
  /** Puts the text at `at`, a multiple of 4; the last word is filled with zeros. */
  copyTo(block: Block, at: number): void;
}

/** One that can be kept. */
export class KeptJob implements JobText {
  readonly text: string;
  readonly jidStart: number;
  readonly jidLength: number;
  readonly jidEscaped: boolean;
  readonly reserveForS: number;

  constructor(text: string, { jidStart, jidLength, jidEscaped, reserveForS }: Readonly<Marks>) {
    this.text = text;
    this.jidStart = jidStart;
    this.jidLength = jidLength;
    this.jidEscaped = jidEscaped;
    this.reserveForS = reserveForS;
  }

  get length(): number {
    return this.text.length;
  }

  copyTo(block: Block, at: number): void {
    putText(this.text, block, at);
  }
}

/** How long a reservation of the job lasts, in seconds. */
function reservationS(reserveFor: number | null | undefined): number {
  if (!reserveFor) return defaultReserveForS;
  return Math.min(Math.max(reserveFor, minReserveForS), maxReserveForS);
}

/** Faktory's order, without what is empty. */
function orderedFailure(failure: JobFailure): object {
  return {
    failed_at: failure.failed_at ?? '',
    ...(failure.next_at ? { next_at: failure.next_at } : {}),
    ...(failure.message ? { message: failure.message } : {}),
    ...(failure.errtype ? { errtype: failure.errtype } : {}),
    ...(failure.backtrace && failure.backtrace.length > 0
      ? { backtrace: failure.backtrace.map((line) => line ?? '') }
      : {}),
    retry_count: keptInt(failure.retry_count ?? 0),
    remaining: keptInt(failure.remaining ?? 0),
  };
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

const writer = new JsonWriter();

/** What the writer holds: a job that goes from there into a queue without ever being a string. */
class Draft implements JobText, Marks {
  jidStart = 0;
  jidLength = 0;
  jidEscaped = false;
  reserveForS = 0;

  get text(): string {
    return writer.text();
  }

  get length(): number {
    return writer.length;
  }

  copyTo(block: Block, at: number): void {
    writer.copyTo(block, at);
  }
}

const draft = new Draft();

/** Writes a job for storing; see `draftJob`. */
export function writeJob(job: JobFields, stamp: Stamp, isEntering: boolean): JobText {
  const { text } = draftJob(job, stamp, isEntering);
  return new KeptJob(text, draft);
}

/**
 * Writes a job for storing. What is returned is good until the next job is written: copy it out, don't keep it.
 * @param stamp created_at of a job without one, and enqueued_at
 * @param isEntering it enters a queue now; otherwise it keeps the enqueued_at that it has
 * @throws JsonError when it holds what JSON can't write, or is nested too deep
 */
export function draftJob(job: JobFields, stamp: Stamp, isEntering: boolean): JobText {
  writer.start();
  writeField(names.retry, keptInt(job.retry ?? defaultRetry));
  if (job.failure) writeField(names.failure, orderedFailure(job.failure));
  if (job.custom && !isEmpty(job.custom)) writeField(names.custom, job.custom);
  writer.raw(names.jid);
  const jid = job.jid ?? '';
  const jidStart = writer.length + 1;
  writer.quoted(jid);
  const jidLength = writer.length - 1 - jidStart;
  writeField(names.queue, queueOf(job));
  writeField(names.jobtype, job.jobtype ?? '');
  if (job.created_at) writeField(names.created, job.created_at);
  else writer.raw(stamp.created);
  if (isEntering) writer.raw(stamp.enqueued);
  else if (job.enqueued_at) writeField(names.enqueued, job.enqueued_at);
  if (job.at) writeField(names.at, job.at);
  writeField(names.args, job.args ?? []);
  if (job.reserve_for) writeField(names.reserveFor, keptInt(job.reserve_for));
  if (job.backtrace) writeField(names.backtrace, keptInt(job.backtrace));
  writer.ascii('}');
  draft.jidStart = jidStart;
  draft.jidLength = jidLength;
  // Bytes beyond ASCII may make it look escaped, which costs time and nothing else.
  draft.jidEscaped = jidLength !== jid.length;
  draft.reserveForS = reservationS(job.reserve_for);
  return draft;
}

function writeField(name: Uint8Array, value: unknown): void {
  writer.raw(name);
  writer.value(value);
}

/** The job that a stored text stands for. */
export function readJob(text: string): JobFields {
  return JSON.parse(fromByteText(text)) as JobFields;
}

/** The jid within a stored text, as byte text. What is returned may keep the whole of `text` alive. */
export function cutJid(text: string, start: number, length: number, escaped: boolean): string {
  if (!escaped) return text.slice(start, start + length);
  return toByteText(JSON.parse(fromByteText(text.slice(start - 1, start + length + 1))) as string);
}
