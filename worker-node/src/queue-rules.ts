// What people say about queues, as text, and what one process of a worker makes of it.
// Invariant: what the processes of one worker get adds up to what was said, whatever their number.

/** One queue to fetch from; weights are null when the order is strict. */
export interface QueueSpec {
  name: string;
  weight: number | null;
}

/** What holds for a whole worker, or for one process of it (`shareOf`). */
export interface QueueLimits {
  /** Slots that the jobs of a queue may take at most, by queue. */
  queueSlots: Readonly<Record<string, number>>;
  /** Jobs a second, by queue. */
  queueRates: Readonly<Record<string, number>>;
  /** Jobs a second, by job type. */
  typeRates: Readonly<Record<string, number>>;
  /** Jobs that may wait here when no slot is free. */
  prefetch: number;
}

export const noLimits: QueueLimits = { queueSlots: {}, queueRates: {}, typeRates: {}, prefetch: 0 };

/** `name` or `name:weight`. */
export const queuePattern = '^[a-zA-Z0-9._-]+(:[1-9][0-9]{0,3})?$';
/** `queue=slots`. */
export const queueSlotsPattern = '^[a-zA-Z0-9._-]+=[1-9][0-9]{0,6}$';
/** `name=count/unit`, the name with `queue:` or `type:` before it when it could be either. */
export const rateLimitPattern = '^(queue:|type:)?[^=\\s]+=[0-9]+(\\.[0-9]+)?/[smh]$';

/** As `parseQueues` takes them: every one must match `queuePattern`. A queue without a weight among weighted ones has 1. */
export function parseQueues(entries: readonly string[]): QueueSpec[] {
  const weighted = entries.some((entry) => entry.includes(':'));
  return entries.map((entry) => {
    const [name, weight] = entry.split(':') as [string, string?];
    return { name, weight: weighted ? Number(weight ?? 1) : null };
  });
}

const secondsIn = { s: 1, m: 60, h: 3600 } as const;

/**
 * Makes limits of the texts of `--queue-slots` and `--rate-limit`, which match their patterns. A rate limit's name is a queue's when
 * that queue is fetched from, else a job type's.
 * @throws RangeError with a sentence when a queue is named that is not fetched from, or a rate is 0
 */
export function parseLimits(
  queues: readonly QueueSpec[],
  queueSlots: readonly string[],
  rateLimits: readonly string[],
  prefetch: number,
): QueueLimits {
  const names = queues.map(({ name }) => name);
  const limits = { queueSlots: {}, queueRates: {}, typeRates: {}, prefetch } as {
    -readonly [K in keyof QueueLimits]: K extends 'prefetch' ? number : Record<string, number>;
  };
  for (const text of queueSlots) {
    const [name, slots] = text.split('=') as [string, string];
    expectQueue(names, name, `--queue-slots: got "${text}"`);
    limits.queueSlots[name] = Number(slots);
  }
  for (const text of rateLimits) {
    const [, kind, name, count, unit] = /^(?:(queue|type):)?([^=]+)=([^/]+)\/(.)$/.exec(text)!;
    const perS = Number(count) / secondsIn[unit as keyof typeof secondsIn];
    if (!(perS > 0))
      throw new RangeError(
        `--rate-limit: got "${text}", expected a rate above 0; leave the queue out of --queues instead`,
      );
    if (kind === 'queue') expectQueue(names, name!, `--rate-limit: got "${text}"`);
    const isQueue = kind === 'queue' || (kind === undefined && names.includes(name!));
    (isQueue ? limits.queueRates : limits.typeRates)[name!] = perS;
  }
  return limits;
}

function expectQueue(names: readonly string[], name: string, got: string): void {
  if (!names.includes(name)) throw new RangeError(`${got}, but --queues has ${names.join(', ')}`);
}

/**
 * What process `index` of `of` gets. Slots are whole, so a process may get none of a queue's, and then does not fetch from it; rates
 * are the same for all of them. Each saves up a job of its own, so after a pause up to one a process may start together.
 */
export function shareOf(limits: QueueLimits, index: number, of: number): QueueLimits {
  const whole = (total: number) => Math.floor((total + index) / of);
  const each = (values: Readonly<Record<string, number>>, share: (value: number) => number) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, share(value)]));
  return {
    queueSlots: each(limits.queueSlots, whole),
    queueRates: each(limits.queueRates, (rate) => rate / of),
    typeRates: each(limits.typeRates, (rate) => rate / of),
    prefetch: whole(limits.prefetch),
  };
}
