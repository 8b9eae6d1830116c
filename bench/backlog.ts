// Jobs to measure with, as prepared text of the same length each, and a fast way to lay a queue full of them.

import type { RawConnection } from '@jobstorm/testkit';

/** As perf-test's workers and api use it. */
export const queue = 'jobstorm';

export interface JobShape {
  jobtype: string;
  /** JSON text of its args. */
  args: string;
  /**
   * Carry a run, a sequence number and when it was due, as perf-test's jobs do, so that the worker keeps histograms and a ledger;
   * `text only`: the same text but for the name of the run's field, so that it keeps nothing; false: plain jobs.
   */
  counted: boolean | 'text only';
  /** Where job number `seq` goes, when not all go to the usual queue. */
  queueOf?(seq: number): string;
  /** When job number `seq` is due (RFC 3339), when it is for later. */
  atOf?(seq: number): string;
}

const jidDigits = 9;
const jidStart = 'bench';
/** Of every job here. */
export const jidLength = jidStart.length + jidDigits;

export const jidOf = (seq: number) => `${jidStart}${String(seq).padStart(jidDigits, '0')}`;
/** The number of the job with this jid. */
export const seqOf = (jid: string) => Number(jid.slice(jidStart.length));

/** Job number `seq` (below 10^9), 224 bytes of JSON text when its args and seq are short. */
export function jobText({ jobtype, args, counted, queueOf, atOf }: JobShape, seq: number): string {
  const place = `"queue":"${queueOf?.(seq) ?? queue}"${atOf ? `,"at":"${atOf(seq)}"` : ''}`;
  const head = `{"jid":"${jidOf(seq)}","jobtype":"${jobtype}",${place},"retry":0,"reserve_for":60,"args":${args}`;
  const run = counted === 'text only' ? 'ran' : 'run';
  const custom = counted ? `"${run}":"bench","seq":${seq},"due":${Date.now()}000,` : '';
  const text = `${head},"custom":{${custom}"pad":"`;
  return `${text.padEnd(221, 'x')}"}}`;
}

/** Of all jobs, or of each. */
export type ShapeOf = JobShape | ((seq: number) => JobShape);

/** A PUSHB of jobs first … end-1. */
export function pushLine(shape: ShapeOf, first: number, end: number): Buffer {
  const shapeOf = typeof shape === 'function' ? shape : () => shape;
  let text = `PUSHB [${jobText(shapeOf(first), first)}`;
  for (let seq = first + 1; seq < end; seq++) text += `,${jobText(shapeOf(seq), seq)}`;
  return Buffer.from(`${text}]\r\n`, 'latin1');
}

/** Checks that a PUSHB's reply names no refused job. */
export function expectAllTaken(reply: string | null): void {
  if (reply !== '$2\r\n{}') throw new Error(`a PUSHB was answered with ${reply?.slice(0, 500) ?? 'a close'}`);
}

/** Pushes `jobs` jobs, from number `from` on, and resolves when the server holds them all. */
export async function fillQueue(connection: RawConnection, shape: JobShape, jobs: number, from = 0): Promise<void> {
  const size = 1000;
  const end = from + jobs;
  let unanswered = 0;
  for (let first = from; first < end; first += size) {
    connection.send(pushLine(shape, first, Math.min(end, first + size)));
    if (++unanswered > 2) {
      expectAllTaken(await connection.reply());
      unanswered--;
    }
  }
  for (; unanswered > 0; unanswered--) expectAllTaken(await connection.reply());
}

export interface ServerCounts {
  /** Jobs acknowledged or failed, ever. */
  processed: number;
  failures: number;
  /** The one that asks is one of them. */
  connections: number;
}

/** Of INFO. */
export async function serverCounts(connection: RawConnection): Promise<ServerCounts> {
  const reply = await connection.call('INFO');
  if (!reply?.startsWith('$')) throw new Error(`INFO was answered with ${reply ?? 'a close'}`);
  const { faktory, server } = JSON.parse(reply.slice(reply.indexOf('\n') + 1)) as {
    faktory: { total_processed: number; total_failures: number };
    server: { connections: number };
  };
  return {
    processed: faktory.total_processed,
    failures: faktory.total_failures,
    connections: server.connections,
  };
}
