// What a reply should be, and what of it two servers must agree on. An expectation finds the problem with a reply, and gives
// its comparable form: the reply with what may differ between two right answers (times, random numbers) taken out.

import { isDeepStrictEqual } from 'node:util';
import type { RawReply } from './raw-connection.ts';

export interface Expectation {
  /** For the message of a failing test. */
  says: string;
  /** What is wrong with the reply (null: the connection was closed), or null. */
  problem(reply: RawReply | null): string | null;
  /** Equal for two servers that behave alike. */
  comparable(reply: RawReply | null): unknown;
}

/** A leaf of a JSON pattern: any value that it accepts is right, and none is compared. */
export interface Matcher {
  says: string;
  matches(value: unknown): boolean;
}

const rfc3339Utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

/** A time as Faktory writes it: RFC 3339 in UTC, up to nine digits of a second. */
export const aTime: Matcher = matcher('a time', (value) => typeof value === 'string' && rfc3339Utc.test(value));
export const anInteger: Matcher = matcher('an integer', Number.isInteger);

export function matcher(says: string, matches: (value: unknown) => boolean): Matcher {
  return { says, matches };
}

function isMatcher(value: unknown): value is Matcher {
  return typeof value === 'object' && value !== null && 'matches' in value && typeof value.matches === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const show = (reply: unknown) => (reply === null ? 'a closed connection' : JSON.stringify(reply));

/** Exactly this text on the wire; null: the connection closed without one. */
export function exactly(text: string | null): Expectation {
  return {
    says: show(text),
    problem: (reply) => (reply === text ? null : `got ${show(reply)}`),
    comparable: (reply) => reply,
  };
}

/** A bulk string of exactly this body. */
export function bulk(body: string): Expectation {
  return exactly(`$${Buffer.byteLength(body)}\r\n${body}`);
}

/** Starts with `text` and goes on with words of the server's own. */
export function startsWith(text: string): Expectation {
  return {
    says: `${show(text)} and more`,
    problem: (reply) => (reply?.startsWith(text) && reply.length > text.length ? null : `got ${show(reply)}`),
    comparable: (reply) => (reply?.startsWith(text) ? text : reply),
  };
}

/** Where `value` leaves `pattern`, as `path: sentence`, or null. `open`: keys that the pattern does not name are let pass. */
function mismatch(pattern: unknown, value: unknown, open: boolean, path: string): string | null {
  if (isMatcher(pattern)) return pattern.matches(value) ? null : `${path}: ${show(value)} is not ${pattern.says}`;
  if (!isObject(pattern))
    return isDeepStrictEqual(pattern, value) ? null : `${path}: ${show(value)} is not ${show(pattern)}`;
  if (!isObject(value)) return `${path}: ${show(value)} is not an object`;
  for (const key of Object.keys(pattern)) {
    if (!Object.hasOwn(value, key)) return `${path}.${key} is missing`;
    const inside = mismatch(pattern[key], value[key], open, `${path}.${key}`);
    if (inside) return inside;
  }
  const extra = open ? [] : Object.keys(value).filter((key) => !Object.hasOwn(pattern, key));
  return extra.length > 0 ? `${path}.${extra[0]} is not expected` : null;
}

/** `value` with its keys sorted, its matched leaves named instead of shown and, if `open`, what is not in the pattern left out. */
function reduce(pattern: unknown, value: unknown, open: boolean): unknown {
  if (isMatcher(pattern)) return pattern.matches(value) ? `<${pattern.says}>` : value;
  if (!isObject(pattern) || !isObject(value)) return value;
  const keys = Object.keys(value).filter((key) => !open || Object.hasOwn(pattern, key));
  return Object.fromEntries(keys.sort().map((key) => [key, reduce(pattern[key], value[key], open)]));
}

function jsonLike(prefix: RegExp, pattern: unknown, open: boolean, says: string): Expectation {
  const parse = (reply: RawReply | null): unknown => {
    const start = prefix.exec(reply ?? '');
    if (!start) return undefined;
    try {
      return JSON.parse(reply!.slice(start[0].length));
    } catch {
      return undefined;
    }
  };
  return {
    says: `${says} like ${show(pattern)}`,
    problem: (reply) => {
      const value = parse(reply);
      return value === undefined ? `got ${show(reply)}` : mismatch(pattern, value, open, '$');
    },
    comparable: (reply) => {
      const value = parse(reply);
      return value === undefined ? reply : reduce(pattern, value, open);
    },
  };
}

/** A bulk of JSON that equals the pattern, key for key; leaves may be matchers. Order and spacing are free. */
export function json(pattern: unknown): Expectation {
  return jsonLike(/^\$\d+\r\n/, pattern, false, 'JSON');
}

/** A bulk of JSON that has at least the pattern's keys; others are not looked at, nor compared. */
export function jsonWith(pattern: unknown): Expectation {
  return jsonLike(/^\$\d+\r\n/, pattern, true, 'JSON with keys');
}

/** The greeting, its JSON exactly as the pattern. */
export function greeting(pattern: unknown): Expectation {
  return jsonLike(/^\+HI /, pattern, false, 'HI');
}
