// Jobs of several kinds in one run: which kind a job is, and its figures, follow from the seed and its sequence number.

import { dice } from './dice.ts';
import { type Distribution, mostOf, quantileOf } from './distribution.ts';
import { isSteadfast, retriesOf } from './jobtypes.ts';

export interface JobKind {
  jobtype: string;
  /** Its share of the jobs is this over the sum of all weights. */
  weight: number;
  /** null: the run's. */
  queue: string | null;
  /** 1: that queue; more: spread over NAME-1 … NAME-N. */
  queues: number;
  /** For sleep and spin: milliseconds in the handler. */
  service: Distribution | null;
  /** Bytes of ASCII text among the arguments. */
  bytes: Distribution | null;
  /** Share of its jobs that fail, 0 to 1. */
  failShare: number;
  /** null: what its type gets in any run. */
  retry: number | null;
  /** Milliseconds from when a job is due to its `at`. */
  delay: Distribution | null;
}

export interface Mix {
  seed: number;
  kinds: readonly JobKind[];
}

/** One job, decided. */
export interface MixedJob {
  kind: JobKind;
  /** Named by the kind, or a flaky one in its place. */
  fails: boolean;
  serviceMs: number;
  bytes: number;
  delayMs: number;
  queue: string;
}

export const plainKind: Omit<JobKind, 'jobtype'> = {
  weight: 1,
  queue: null,
  queues: 1,
  service: null,
  bytes: null,
  failShare: 0,
  retry: null,
  delay: null,
};

/** Retries of a kind's jobs. One that fails on purpose is not retried unless told so: its failure is the end of it. */
export function retryOf({ jobtype, retry, failShare }: JobKind): number {
  return retry ?? (failShare > 0 ? 0 : retriesOf(jobtype));
}

function mayFail({ jobtype, failShare }: JobKind): boolean {
  return failShare > 0 || !isSteadfast(jobtype);
}

/** Whether failures end jobs of the mix; null: of some kinds they do and of others they don't, so that they can't be counted. */
export function mixFailsForGood(kinds: readonly JobKind[]): boolean | null {
  const final = new Set(kinds.filter(mayFail).map((kind) => retryOf(kind) === 0));
  return final.size === 2 ? null : final.has(true);
}

function queueNames({ queue, queues }: JobKind, runQueue: string): string[] {
  const name = queue ?? runQueue;
  return queues === 1 ? [name] : Array.from({ length: queues }, (_, at) => `${name}-${at + 1}`);
}

/** All queues of a mix, each once. */
export function mixQueues(kinds: readonly JobKind[], runQueue: string): string[] {
  return [...new Set(kinds.flatMap((kind) => queueNames(kind, runQueue)))];
}

const mostOver = (kinds: readonly JobKind[], of: (kind: JobKind) => Distribution | null): number =>
  kinds.reduce((most, kind) => {
    const d = of(kind);
    return d === null ? most : Math.max(most, mostOf(d));
  }, 0);

/** The largest figures that its jobs may have. */
export function mixLimits(kinds: readonly JobKind[]): { serviceMs: number; bytes: number; delayMs: number } {
  return {
    serviceMs: mostOver(kinds, ({ service }) => service),
    bytes: Math.ceil(mostOver(kinds, ({ bytes }) => bytes)),
    delayMs: mostOver(kinds, ({ delay }) => delay),
  };
}

/** Decides each job by its number. @throws RangeError when no kind has a weight */
export function jobsOf({ seed, kinds }: Mix, runQueue: string): (seq: number) => MixedJob {
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  if (!(total > 0)) throw new RangeError('a mix needs a kind of jobs with a weight above 0');
  let below = 0;
  const shares = kinds.map((kind) => {
    below += kind.weight / total;
    return { kind, below, queues: queueNames(kind, runQueue) };
  });
  return (seq) => {
    const figure = (d: Distribution | null, purpose: 'service' | 'bytes' | 'delay') =>
      d === null ? 0 : quantileOf(d, dice(seed, seq, purpose));
    const at = dice(seed, seq, 'kind');
    const { kind, queues } = shares.find((share) => at < share.below) ?? shares.at(-1)!;
    return {
      kind,
      fails: kind.failShare > 0 && dice(seed, seq, 'fail') < kind.failShare,
      serviceMs: figure(kind.service, 'service'),
      bytes: Math.round(figure(kind.bytes, 'bytes')),
      delayMs: figure(kind.delay, 'delay'),
      queue: queues.length === 1 ? queues[0]! : queues[Math.floor(dice(seed, seq, 'queue') * queues.length)]!,
    };
  };
}
