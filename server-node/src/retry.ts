// What becomes of a job that failed. Pure: the job, the report, the time and the dice in, its new form and fate out.

import type { JobFailure } from '@jobstorm/protocol';
import type { JobFields } from './job-fields.ts';
import { formatTimestamp } from './timestamp.ts';

const defaultRetry = 25;
const maxErrtypeBytes = 100;
const maxMessageBytes = 1000;
const maxBacktraceLines = 50;
const isSpace = /\p{White_Space}/u;
/** How long a dead job is kept. */
export const deadKeptMs = 180 * 24 * 3600 * 1000;

/** Why a run of a job failed, as a client may say it. */
export interface FailureReport {
  errtype?: string | null | undefined;
  message?: string | null | undefined;
  backtrace?: readonly (string | null)[] | null | undefined;
}

export interface Fate {
  job: JobFields;
  /** null: the job is thrown away. */
  set: 'retries' | 'dead' | null;
  /** When it is tried again, or dropped from the dead set, in milliseconds since the epoch. */
  atMs: number;
}

/** Seconds until the next try: Faktory's backoff. `random` is in [0, 1). */
export function retryDelayS(retryCount: number, random: number): number {
  return retryCount ** 4 + 15 + Math.floor(random * 30) * (retryCount + 1);
}

/** Without white space at its ends, as Unicode has it: with U+0085, without U+FEFF. One step a character, however many there are. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace.test(text[start]!)) start++;
  while (end > start && isSpace.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** Trimmed, `unknown` when empty, and cut to a number of bytes without cutting a character in two. */
function shorten(text: string | null | undefined, maxBytes: number): string {
  const whole = trimmed(text ?? '') || 'unknown';
  const bytes = Buffer.from(whole);
  if (bytes.length <= maxBytes) return whole;
  let end = maxBytes;
  // Bytes 10xxxxxx go on a character that started before.
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** The failure that a job carries after one more failed run. */
function nextFailure(job: JobFields, report: FailureReport, nowUs: number): JobFailure {
  const before = job.failure;
  const retry = job.retry ?? defaultRetry;
  const remaining = before?.remaining ?? 0;
  return {
    retry_count: before ? (before.retry_count ?? 0) + 1 : 0,
    remaining: before ? (remaining > 0 ? remaining - 1 : remaining) : retry,
    failed_at: before?.failed_at || formatTimestamp(nowUs),
    ...(before?.next_at ? { next_at: before.next_at } : {}),
    errtype: shorten(report.errtype, maxErrtypeBytes),
    message: shorten(report.message, maxMessageBytes),
    backtrace: (report.backtrace ?? []).slice(0, maxBacktraceLines).map((line) => line ?? ''),
  };
}

/** @param random in [0, 1), for the backoff */
export function afterFailure(job: JobFields, report: FailureReport, nowUs: number, random: number): Fate {
  const retry = job.retry ?? defaultRetry;
  const failure = nextFailure(job, report, nowUs);
  const failed: JobFields = { ...job, failure };
  if (retry === 0) return { job: failed, set: null, atMs: 0 };
  const nowMs = nowUs / 1000;
  if (failure.retry_count >= retry) return { job: failed, set: 'dead', atMs: nowMs + deadKeptMs };
  const delayS = retryDelayS(failure.retry_count, random);
  failure.next_at = formatTimestamp(nowUs + delayS * 1_000_000);
  return { job: failed, set: 'retries', atMs: nowMs + delayS * 1000 };
}
