// What a job from a client must look like: the types of its fields first (a wrong one is "invalid JSON", as a Go decoder
// says it), then Faktory's rules, in its order and its words.

import type { Job } from '@jobstorm/protocol';

/** A job as it came in: types checked, rules not. null counts as absent. */
export type JobFields = { [K in keyof Job]?: Job[K] | null | undefined };

export const maxReserveForS = 86_400;
const minJidBytes = 8;

const isText = (value: unknown) => value === undefined || value === null || typeof value === 'string';
/** What an int64 may be, as near as a double tells; see `keptInt`. */
export const isInt64 = (value: unknown) => Number.isInteger(value) && Math.abs(value as number) <= 2 ** 63;
const isWhole = (value: unknown) => value === undefined || value === null || isInt64(value);
const isList = (value: unknown) => value === undefined || value === null || Array.isArray(value);
const isMap = (value: unknown) =>
  value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));

type Kind = readonly [accepts: (value: unknown) => boolean, goType: string];
const text: Kind = [isText, 'string'];
const whole: Kind = [isWhole, 'int'];
const jobKinds: Readonly<Record<string, Kind>> = {
  jid: text,
  queue: text,
  jobtype: text,
  args: [isList, '[]interface {}'],
  created_at: text,
  enqueued_at: text,
  at: text,
  reserve_for: whole,
  retry: whole,
  backtrace: whole,
  failure: [isMap, 'client.Failure'],
  custom: [isMap, 'map[string]interface {}'],
};
const failureKinds: Readonly<Record<string, Kind>> = {
  retry_count: whole,
  remaining: whole,
  failed_at: text,
  next_at: text,
  message: text,
  errtype: text,
  backtrace: [(value) => isList(value) && ((value ?? []) as unknown[]).every(isText), '[]string'],
};

/** How Go names a JSON value, e.g. `number 1.5`. */
function goName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The decoder's complaint about a value that should be a `goType`. */
export function wrongType(value: unknown, goType: string): string {
  return `json: cannot unmarshal ${goName(value)} into Go value of type ${goType}`;
}

/** The complaint about the first field of `fields` that is not of its kind; null: all are. */
function wrongField(fields: object, kinds: Readonly<Record<string, Kind>>, owner: string): string | null {
  for (const [name, value] of Object.entries(fields)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind && !kind[0](value)) {
      return `json: cannot unmarshal ${goName(value)} into Go struct field ${owner}${name} of type ${kind[1]}`;
    }
  }
  return null;
}

/** What is wrong with the type of a job or of one of its fields; null: nothing. null itself is an empty job. */
export function jobTypeError(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) return wrongType(value, 'client.Job');
  const job = value as Record<string, unknown>;
  // Spelt out because this runs for every job; the table words the error.
  const good =
    isText(job.jid) &&
    isText(job.queue) &&
    isText(job.jobtype) &&
    isList(job.args) &&
    isText(job.created_at) &&
    isText(job.enqueued_at) &&
    isText(job.at) &&
    isWhole(job.reserve_for) &&
    isWhole(job.retry) &&
    isWhole(job.backtrace) &&
    isMap(job.custom) &&
    (job.failure === undefined || job.failure === null);
  if (good) return null;
  return (
    wrongField(job, jobKinds, 'Job.') ??
    (job.failure ? wrongField(job.failure as object, failureKinds, 'Failure.failure.') : null)
  );
}

/** Why a job of the right types is refused, whichever queue it is for; null: it is not. */
export function jobRefusal(job: JobFields): string | null {
  const jid = job.jid ?? '';
  if (jid.length < minJidBytes && Buffer.byteLength(jid) < minJidBytes) {
    return 'jobs must have a reasonable jid parameter';
  }
  if (!job.jobtype) return 'jobs must have a jobtype parameter';
  if (!job.args) return 'jobs must have an args parameter';
  if ((job.reserve_for ?? 0) > maxReserveForS) return 'jobs cannot be reserved for more than one day';
  return null;
}

/** An integer of a job as it is kept: nobody counts further than this, and beyond it a double would be written as another number. */
export function keptInt(value: number): number {
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) + 0; // no -0
}

/** The job's queue; `default` when it names none. */
export function queueOf(job: JobFields): string {
  return job.queue || 'default';
}

const queueName = /^[a-zA-Z0-9._-]+$/;

export function isQueueName(name: string): boolean {
  return queueName.test(name);
}
