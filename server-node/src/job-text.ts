// The stored form of a job: the very bytes that FETCH hands out, as byte text (one character a byte), with what the server
// has to know without parsing it again. Fields stand in Faktory's order and empty ones are left out as it leaves them out:
//   {"retry":25,"failure":…,"custom":…,"jid":"…","queue":"…","jobtype":"…","created_at":"…","enqueued_at":"…","at":"…","args":[…],"reserve_for":60,"backtrace":5}

import { fromByteText, type JobFailure, toByteText } from '@jobstorm/protocol';
import { type JobFields, maxReserveForS, queueOf } from './job-fields.ts';
import { JsonWriter } from './json-writer.ts';

const defaultRetry = 25;
const defaultReserveForS = 1800;
const minReserveForS = 60;

/** What a job gets when it is stored. */
export interface Stamps {
  /** For a job that came without one. */
  createdAt: string;
  /** null: it enters no queue now, and keeps what it has. */
  enqueuedAt: string | null;
}

export interface JobText {
  /** Byte text, in one piece of its own. */
  text: string;
  /** Where the jid stands in `text`, without its quotes. */
  jidStart: number;
  jidLength: number;
  /** The jid stands in `text` with escapes. */
  jidEscaped: boolean;
  reserveForS: number;
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
    ...(failure.backtrace && failure.backtrace.length > 0 ? { backtrace: failure.backtrace } : {}),
    retry_count: failure.retry_count ?? 0,
    remaining: failure.remaining ?? 0,
  };
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

const writer = new JsonWriter();

/**
 * Writes a job for storing.
 * @throws JsonError when it holds what JSON can't write, or is nested too deep
 */
export function writeJob(job: JobFields, stamps: Stamps): JobText {
  writer.start();
  writer.ascii('{"retry":');
  writer.value(job.retry ?? defaultRetry);
  if (job.failure) writeField(',"failure":', orderedFailure(job.failure));
  if (job.custom && !isEmpty(job.custom)) writeField(',"custom":', job.custom);
  writer.ascii(',"jid":');
  const jid = job.jid ?? '';
  const jidStart = writer.length + 1;
  writer.quoted(jid);
  const jidLength = writer.length - 1 - jidStart;
  writeField(',"queue":', queueOf(job));
  writeField(',"jobtype":', job.jobtype ?? '');
  writeField(',"created_at":', job.created_at || stamps.createdAt);
  const enqueuedAt = stamps.enqueuedAt ?? job.enqueued_at;
  if (enqueuedAt) writeField(',"enqueued_at":', enqueuedAt);
  if (job.at) writeField(',"at":', job.at);
  writeField(',"args":', job.args ?? []);
  if (job.reserve_for) writeField(',"reserve_for":', job.reserve_for);
  if (job.backtrace) writeField(',"backtrace":', job.backtrace);
  writer.ascii('}');
  return {
    text: writer.text(),
    jidStart,
    jidLength,
    // Bytes beyond ASCII may make it look escaped, which costs time and nothing else.
    jidEscaped: jidLength !== jid.length,
    reserveForS: reservationS(job.reserve_for),
  };
}

function writeField(name: string, value: unknown): void {
  writer.ascii(name);
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
