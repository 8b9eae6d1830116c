// Jobs for the exchanges. `retry` is always sent, and one other than 25 only by an exchange that has its server alone: real
// Faktory decodes it into one variable of the whole process, so jobs pushed at the same time get each other's.

import { aTime, type Expectation, json, type Step, say } from '@jobstorm/testkit';

type Fields = Record<string, unknown>;

/** A job as JSON text; `undefined` takes a field out. */
export function job(fields: Fields): string {
  return JSON.stringify({ jobtype: 'sample', args: [], retry: 25, ...fields });
}

/** PUSH of that job, which is taken. */
export function push(fields: Fields, on?: string): Step[] {
  return say(`PUSH ${job(fields)}`, '+OK', on);
}

/** The job as FETCH hands it out after PUSH; `undefined` takes a field out. */
export function delivered(fields: Fields): Expectation {
  const usual = { jobtype: 'sample', args: [], retry: 25, created_at: aTime, enqueued_at: aTime };
  return json(Object.fromEntries(Object.entries({ ...usual, ...fields }).filter(([, value]) => value !== undefined)));
}

export const nil = '$-1';
export const ok = '+OK';

export function error(text: string): string {
  return `-ERR ${text}`;
}

/** RFC 3339 in UTC, `offsetMs` from now. */
export function fromNow(offsetMs: number): string {
  return new Date(Date.now() + offsetMs).toISOString();
}
