// Whole numbers written as 3.0 or 3e0, and such beyond 64 bits. JSON.parse makes 3 of the first and something near of the others, but
// Faktory's decoder refuses them where it wants an integer, so the text itself has to be looked at. Nearly no text gets past the
// first, cheap look.

import { stringsAt } from './json-text.ts';

const suspect = /"(?:retry|reserve_for|backtrace|pid|rss_kb|v)"\s*:\s*-?(?:\d+[.eE]|\d{19})/;
const number = /\s*:\s*(-?\d[\d.eE+-]*)/y;

/** Fields of a job that are integers. */
export const jobIntegers: ReadonlySet<string> = new Set(['retry', 'reserve_for', 'backtrace']);
/** Fields of HELLO and BEAT that are integers. */
export const workerIntegers: ReadonlySet<string> = new Set(['pid', 'rss_kb', 'v']);

export interface Fraction {
  name: string;
  /** The number as it was written. */
  literal: string;
}

function isUnfit(literal: string): boolean {
  if (!/^-?\d+$/.test(literal)) return true;
  // Digits beyond these would only take time.
  return literal.length > 20 || BigInt.asIntN(64, BigInt(literal)) !== BigInt(literal);
}

/**
 * The first field among `names` that is written with a fraction, with an exponent or beyond 64 bits, in the objects nested `level` deep.
 * `text` must be valid JSON.
 */
export function findFraction(text: string, level: number, names: ReadonlySet<string>): Fraction | null {
  if (!suspect.test(text)) return null;
  for (const { start, end } of stringsAt(text, level)) {
    const name = text.slice(start + 1, end);
    number.lastIndex = end + 1;
    const match = names.has(name) ? number.exec(text) : null;
    if (match && isUnfit(match[1]!)) return { name, literal: match[1]! };
  }
  return null;
}
