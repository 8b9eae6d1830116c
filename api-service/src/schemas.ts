// What the routes take, as schemas. Fastify checks single jobs and the envelope of a batch by them; the up to 100,000 items
// of a batch are checked by `itemMistake` (batch-item.ts), which a test holds to `BatchItem`.

import { type Static, Type } from '@sinclair/typebox';
import { maxJobsPerRequest } from './limits.ts';

/** Job types whose args are two numbers, a and b. */
export const arithmeticTypes = ['add', 'subtract', 'multiply', 'divide'] as const;

/** Letters, digits, marks and punctuation of any script; no blanks, no control characters, no lone surrogates. */
export const typePattern = '^[^\\p{C}\\p{Z}]{1,200}$';
export const queuePattern = '^[a-zA-Z0-9._-]{1,200}$';
/** Visible ASCII that JSON needs no escapes for; the job server wants 8 bytes at least. */
export const jidPattern = '^[!#-\\[\\]-~]{8,200}$';
/** RFC 3339 with its zone: the job server takes nothing else. */
export const atPattern = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?(Z|[+-]\\d\\d:\\d\\d)$';
export const maxRetry = 1_000_000;
export const maxReserveForS = 86_400;

const options = {
  custom: Type.Optional(Type.Object({}, { additionalProperties: true })),
  queue: Type.Optional(Type.String({ pattern: queuePattern })),
  /** Retries after the first failure; -1: straight to the dead set. */
  retry: Type.Optional(Type.Integer({ minimum: -1, maximum: maxRetry })),
  /** Seconds. */
  reserve_for: Type.Optional(Type.Integer({ minimum: 0, maximum: maxReserveForS })),
  jid: Type.Optional(Type.String({ pattern: jidPattern })),
  /** When the job is to run. */
  at: Type.Optional(Type.String({ pattern: atPattern })),
};
const strict = { additionalProperties: false };
const operands = { a: Type.Number(), b: Type.Number() };

/** Body of POST /jobs/add and its like. */
export const ArithmeticBody = Type.Object({ ...operands, ...options }, strict);
export type ArithmeticBody = Static<typeof ArithmeticBody>;

/** Body of POST /jobs/:type for any other type. */
export const ArgsBody = Type.Object({ args: Type.Array(Type.Unknown()), ...options }, strict);
export type ArgsBody = Static<typeof ArgsBody>;

/** Body of POST /jobs/batch, the items unchecked. */
export const BatchBody = Type.Object(
  { jobs: Type.Array(Type.Unknown(), { minItems: 1, maxItems: maxJobsPerRequest }) },
  strict,
);
export type BatchBody = Static<typeof BatchBody>;

const otherType = new RegExp(`^(?!(?:${arithmeticTypes.join('|')})$)${typePattern.slice(1)}`, 'u');

/** An item of a batch. */
export const BatchItem = Type.Union([
  Type.Object(
    {
      type: Type.Union(arithmeticTypes.map((name) => Type.Literal(name))),
      args: Type.Object(operands, strict),
      ...options,
    },
    strict,
  ),
  Type.Object(
    {
      type: Type.Intersect([Type.String(), Type.RegExp(otherType)]),
      args: Type.Array(Type.Unknown()),
      ...options,
    },
    strict,
  ),
]);

export interface BatchItem {
  type: string;
  args: { a: number; b: number } | unknown[];
  custom?: object;
  queue?: string;
  retry?: number;
  reserve_for?: number;
  jid?: string;
  at?: string;
}
