// A stored job as the pages show it: a few short texts. Jobs may be as long and as deep as clients like; what is shown is bounded.

import type { JobFields } from '../job-fields.ts';
import { readJob } from '../job-text.ts';

/** Longer jobs are not taken apart for showing. */
const maxReadBytes = 32 * 1024;
const maxShownChars = 300;

export interface JobView {
  jid: string;
  queue: string;
  jobtype: string;
  args: string;
  enqueuedAt: string;
  /** null: it has not failed yet. */
  failure: { count: number; message: string; backtrace: readonly string[] } | null;
}

function shorten(text: string): string {
  return text.length > maxShownChars ? `${text.slice(0, maxShownChars)}…` : text;
}

function showArgs(args: unknown): string {
  try {
    return shorten(JSON.stringify(args));
  } catch {
    return 'nested too deeply to be shown'; // JSON.stringify runs out of stack
  }
}

function showFailure({ failure }: JobFields): JobView['failure'] {
  if (!failure) return null;
  const { retry_count: count, errtype = '', message = '', backtrace } = failure;
  return {
    count: (count ?? 0) + 1,
    message: shorten(`${errtype}: ${message}`),
    backtrace: (backtrace ?? []).slice(0, 50).map((line) => shorten(String(line))),
  };
}

/** @param text the job as it is stored; `jid` as real text, for jobs that are too long to be read */
export function viewJob(text: string, jid = ''): JobView {
  if (text.length > maxReadBytes) {
    const args = `a job of ${Math.ceil(text.length / 1024)} KiB, too long to be shown`;
    return { jid, queue: '', jobtype: '', args, enqueuedAt: '', failure: null };
  }
  const job = readJob(text);
  return {
    jid: job.jid ?? jid,
    queue: job.queue ?? '',
    jobtype: shorten(job.jobtype ?? ''),
    args: showArgs(job.args),
    enqueuedAt: shorten(job.enqueued_at ?? job.created_at ?? ''),
    failure: showFailure(job),
  };
}
