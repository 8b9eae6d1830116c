// The stored form of a job: the very bytes that FETCH hands out, as byte text (one character a byte), with what the server
// has to know without parsing it again. Fields stand in Faktory's order and empty ones are left out as it leaves them out:
//   {"retry":25,"failure":…,"custom":…,"jid":"…","queue":"…","jobtype":"…","created_at":"…","enqueued_at":"…","at":"…","args":[…],"reserve_for":60,"backtrace":5}

import { fromByteText, type JobFailure, toByteText } from '@jobstorm/protocol';
import { type JobFields, maxReserveForS, queueOf } from './job-fields.ts';
import { quote, writeJson } from './json-text.ts';

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
  /** Byte text. */
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

function writeFailure(failure: JobFailure): string {
  return writeJson({
    failed_at: failure.failed_at ?? '',
    ...(failure.next_at ? { next_at: failure.next_at } : {}),
    ...(failure.message ? { message: failure.message } : {}),
    ...(failure.errtype ? { errtype: failure.errtype } : {}),
    ...(failure.backtrace && failure.backtrace.length > 0 ? { backtrace: failure.backtrace } : {}),
    retry_count: failure.retry_count ?? 0,
    remaining: failure.remaining ?? 0,
  });
}

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

/**
 * Writes a job for storing.
 * @param ascii true when nothing in the job can be beyond ASCII: saves looking
 * @throws JsonError when it holds what JSON can't write, or is nested too deep
 */
export function writeJob(job: JobFields, stamps: Stamps, ascii: boolean): JobText {
  const jid = job.jid ?? '';
  const quotedJid = quote(jid);
  let head = `{"retry":${job.retry ?? defaultRetry}`;
  if (job.failure) head += `,"failure":${writeFailure(job.failure)}`;
  if (job.custom && !isEmpty(job.custom)) head += `,"custom":${writeJson(job.custom)}`;
  head += ',"jid":';
  const enqueuedAt = stamps.enqueuedAt ?? job.enqueued_at;
  let text = `${head}${quotedJid},"queue":${quote(queueOf(job))},"jobtype":${quote(job.jobtype ?? '')}`;
  text += `,"created_at":${job.created_at ? quote(job.created_at) : `"${stamps.createdAt}"`}`;
  if (enqueuedAt) text += `,"enqueued_at":${quote(enqueuedAt)}`;
  if (job.at) text += `,"at":${quote(job.at)}`;
  text += `,"args":${writeJson(job.args ?? [])}`;
  if (job.reserve_for) text += `,"reserve_for":${job.reserve_for}`;
  if (job.backtrace) text += `,"backtrace":${job.backtrace}`;
  text += '}';
  return {
    text: ascii ? text : toByteText(text),
    jidStart: (ascii ? head.length : Buffer.byteLength(head)) + 1,
    jidLength: (ascii ? quotedJid.length : Buffer.byteLength(quotedJid)) - 2,
    jidEscaped: quotedJid.length !== jid.length + 2,
    reserveForS: reservationS(job.reserve_for),
  };
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

/** The same job with a text that is one piece in memory: what `writeJob` returns is a chain of the pieces it was made of. */
export function flattened(job: JobText): JobText {
  return { ...job, text: Buffer.from(job.text, 'latin1').toString('latin1') };
}
