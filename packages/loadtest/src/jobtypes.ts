// What a run's jobs carry as arguments, by job type. Invariant: the arguments of a job follow from the plan and its sequence
// number alone, so that two runs of one plan submit the same work.

/** Job types of the worker that take `{"a", "b"}`. b is never 0, so that divide succeeds. */
const arithmetic = new Set(['add', 'subtract', 'multiply', 'divide']);
/** Job types that the worker always has, and that only fail when their worker goes away. */
const steadfast = new Set(['add', 'subtract', 'multiply', 'divide', 'noop', 'sleep', 'spin', 'payload']);

export interface JobShape {
  jobtype: string;
  /** For sleep and spin: how long a handler takes, in milliseconds. */
  serviceMs: number;
  /** For payload: bytes of ASCII text in the one argument. */
  payloadBytes: number;
  /** For flaky: the share of jobs that fail, 0 to 1. */
  failShare: number;
}

/** Only fails when its worker goes away. */
export function isSteadfast(jobtype: string): boolean {
  return steadfast.has(jobtype);
}

/** Makes the text of `args` for one job: an object or an array as the API takes it, always an array for PUSHB. */
export type ArgsText = (seq: number) => string;

export function isArithmetic(jobtype: string): boolean {
  return arithmetic.has(jobtype);
}

/** Operands: a 0 … 999, b 1 … 97. */
function operands(seq: number): [a: number, b: number] {
  return [seq % 1000, (seq % 97) + 1];
}

function fixedArgs(shape: JobShape): string | null {
  switch (shape.jobtype) {
    case 'sleep':
    case 'spin':
      return `[${shape.serviceMs}]`;
    case 'payload':
      return `["${'x'.repeat(shape.payloadBytes)}"]`;
    case 'flaky':
      return `[${shape.failShare}]`;
    default:
      return null;
  }
}

/** Arguments as the API takes them: `{"a":1,"b":2}` for arithmetic, an array for everything else. */
export function apiArgs(shape: JobShape): ArgsText {
  const fixed = fixedArgs(shape);
  if (fixed !== null) return () => fixed;
  if (!isArithmetic(shape.jobtype)) return (seq) => `[${seq}]`;
  return (seq) => {
    const [a, b] = operands(seq);
    return `{"a":${a},"b":${b}}`;
  };
}

/** Arguments as they stand in a job: always an array. */
export function jobArgs(shape: JobShape): ArgsText {
  const fixed = fixedArgs(shape);
  if (fixed !== null) return () => fixed;
  if (!isArithmetic(shape.jobtype)) return (seq) => `[${seq}]`;
  return (seq) => {
    const [a, b] = operands(seq);
    return `[${a},${b}]`;
  };
}

/**
 * The `retry` of a run's jobs. Types that never fail by themselves get one retry: the server counts an expired reservation as
 * a failure, so without it the jobs of a killed worker would be thrown away. A job that may fail gets none: its failure
 * is the end of it, and nothing of the run stays behind in the server's dead set.
 */
export function retriesOf(jobtype: string): number {
  return steadfast.has(jobtype) ? 1 : 0;
}
