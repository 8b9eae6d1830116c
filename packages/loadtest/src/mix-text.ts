// The texts of a mixed run's jobs, for the same three ways as job-text.ts. A job that is to fail goes as a `flaky` one, which sleeps as
// long as the job would have taken and then fails: for good where it is not retried, once where it is.
// Invariant: a delayed job is due when its time (`at`) comes, so that its latency counts from there.

import type { DueOf, JobTexts } from './job-text.ts';
import { apiArgs, isArithmetic, jobArgs } from './jobtypes.ts';
import { jobsOf, type Mix, type MixedJob, retryOf } from './mix.ts';
import { customStart, type RunPlan } from './plan.ts';

const noShape = { serviceMs: 0, payloadBytes: 0, failShare: 0 };

/** Milliseconds as they stand in a job: microseconds are fine enough. */
const shortMs = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Elements of the arguments of any type that takes an array. */
function elements({ kind, serviceMs, bytes, fails }: MixedJob, seq: number): string {
  const text = kind.bytes === null ? [] : [`"${'x'.repeat(bytes)}"`];
  if (fails) return ['1', retryOf(kind) === 0 ? 'null' : '1', shortMs(serviceMs), ...text].join(',');
  switch (kind.jobtype) {
    case 'sleep':
    case 'spin':
      return [shortMs(serviceMs), ...text].join(',');
    case 'noop':
    case 'payload':
      return text.join(',');
    default:
      return [seq, ...text].join(',');
  }
}

interface Written {
  type: string;
  args: string;
  /** From custom's end to the job's end. */
  tail: string;
  dueUs: number;
}

export function makeMixTexts(plan: RunPlan, mix: Mix): JobTexts {
  const jobOf = jobsOf(mix, plan.queue);
  const arithmetic = new Map(
    mix.kinds.map(({ jobtype }) => {
      const shape = { ...noShape, jobtype };
      return [jobtype, { api: apiArgs(shape), job: jobArgs(shape) }];
    }),
  );
  const custom = customStart(plan);
  const write = (seq: number, sentDueUs: number, form: 'api' | 'job'): Written => {
    const job = jobOf(seq);
    const { kind, delayMs, fails } = job;
    const plainArithmetic = !fails && isArithmetic(kind.jobtype);
    const args = plainArithmetic ? arithmetic.get(kind.jobtype)![form](seq) : `[${elements(job, seq)}]`;
    const dueUs = Math.round(sentDueUs + delayMs * 1000);
    const at = kind.delay === null ? '' : `,"at":"${new Date(dueUs / 1000).toISOString()}"`;
    const tail = `},"queue":"${job.queue}","retry":${retryOf(kind)},"reserve_for":${plan.reserveFor}${at}}`;
    return { type: fails ? 'flaky' : kind.jobtype, args, tail, dueUs };
  };
  const jid = (seq: number) => `${plan.run}.${seq}`;
  return {
    batchBody(first, end, dueOf: DueOf) {
      let body = '{"jobs":[';
      for (let seq = first; seq < end; seq++) {
        const { type, args, tail, dueUs } = write(seq, dueOf(seq), 'api');
        body += `${seq === first ? '' : ','}{"type":"${type}","args":${args}${custom}${seq},"due":${dueUs}${tail}`;
      }
      return `${body}]}`;
    },
    singleBody(seq, sentDueUs) {
      const { args, tail, dueUs } = write(seq, sentDueUs, 'api');
      const head = args.startsWith('{') ? args.slice(0, -1) : `{"args":${args}`;
      return `${head}${custom}${seq},"due":${dueUs}${tail}`;
    },
    singleType(seq) {
      const { kind, fails } = jobOf(seq);
      return fails ? 'flaky' : kind.jobtype;
    },
    jobTexts(first, end, dueOf) {
      const texts: string[] = [];
      for (let seq = first; seq < end; seq++) {
        const { type, args, tail, dueUs } = write(seq, dueOf(seq), 'job');
        texts.push(`{"jid":"${jid(seq)}","jobtype":"${type}","args":${args}${custom}${seq},"due":${dueUs}${tail}`);
      }
      return texts;
    },
    jid,
  };
}
