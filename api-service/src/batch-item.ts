// Checks an item of POST /jobs/batch by hand: a general validator over 100,000 items costs more than all the rest of the
// request. A test holds this to the schema `BatchItem`, which says the same.

import {
  arithmeticTypes,
  atPattern,
  jidPattern,
  maxReserveForS,
  maxRetry,
  queuePattern,
  typePattern,
} from './schemas.ts';

const typeExpression = new RegExp(typePattern, 'u');
const queueExpression = new RegExp(queuePattern);
const jidExpression = new RegExp(jidPattern);
const atExpression = new RegExp(atPattern);

/** A received value as an error message shows it: short, and never the whole of something big. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

export function isArithmetic(type: string): boolean {
  return type === 'add' || (arithmeticTypes as readonly string[]).includes(type);
}

/** Why a job type's name can't be used; null: it can. */
export function typeMistake(type: unknown): string | null {
  if (typeof type === 'string' && (isArithmetic(type) || typeExpression.test(type))) return null;
  return `type must be a name of 1 to 200 characters without blanks, got ${shown(type)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function operandsMistake(type: string, args: unknown): string | null {
  if (!isObject(args)) return `args of ${type} must be {"a": number, "b": number}, got ${shown(args)}`;
  for (const key in args) {
    if (key !== 'a' && key !== 'b') return `unknown field ${shown(key)} in args; ${type} takes a and b`;
  }
  const { a, b } = args;
  if (typeof a !== 'number' || !Number.isFinite(a)) return `a must be a number, got ${shown(a)}`;
  if (typeof b !== 'number' || !Number.isFinite(b)) return `b must be a number, got ${shown(b)}`;
  return null;
}

function isIntegerWithin(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function fieldMistake(key: string, value: unknown): string | null {
  switch (key) {
    case 'type':
    case 'args': // checked together, whether they are there or not
      return null;
    case 'custom':
      return isObject(value) ? null : `custom must be an object, got ${shown(value)}`;
    case 'queue':
      if (typeof value === 'string' && queueExpression.test(value)) return null;
      return `queue must be 1 to 200 of a-z A-Z 0-9 . _ -, got ${shown(value)}`;
    case 'retry':
      return isIntegerWithin(value, -1, maxRetry)
        ? null
        : `retry must be a whole number from -1 to ${maxRetry}, got ${shown(value)}`;
    case 'reserve_for':
      return isIntegerWithin(value, 0, maxReserveForS)
        ? null
        : `reserve_for must be whole seconds from 0 to ${maxReserveForS}, got ${shown(value)}`;
    case 'jid':
      if (typeof value === 'string' && jidExpression.test(value)) return null;
      return `jid must be 8 to 200 visible ASCII characters without " and \\, got ${shown(value)}`;
    case 'at':
      if (typeof value === 'string' && atExpression.test(value)) return null;
      return `at must be a time like 2030-01-31T12:00:00Z, got ${shown(value)}`;
    default:
      return `unknown field ${shown(key)}; a job takes type, args, custom, queue, retry, reserve_for, jid, at`;
  }
}

/** Why an item, fresh from JSON.parse, is no `BatchItem`; null: it is one. */
export function itemMistake(item: unknown): string | null {
  if (!isObject(item)) return `a job must be an object, got ${shown(item)}`;
  for (const key in item) {
    const mistake = fieldMistake(key, item[key]);
    if (mistake !== null) return mistake;
  }
  const { type, args } = item;
  const mistake = typeMistake(type);
  if (mistake !== null) return mistake;
  if (isArithmetic(type as string)) return operandsMistake(type as string, args);
  return Array.isArray(args) ? null : `args must be an array, got ${shown(args)}`;
}
