// A checked job as the JSON text that goes into a PUSHB. Put together from pieces, since nearly all of it is known before:
// `JSON.stringify` of a whole job takes three times as long. `retry` is always written: a Faktory server otherwise takes the
// default from whichever job was pushed before.

import { badRequest } from './request-error.ts';

/** Everything about a job that is not a or b or args. */
export interface JobOptions {
  custom?: object;
  queue?: string;
  retry?: number;
  reserve_for?: number;
  /** RFC 3339. */
  at?: string;
}

const defaultRetry = 25;

/**
 * JSON of a value that came from JSON.parse.
 * @throws RequestError (400) when it is nested too deeply to be written again, or holds a number that was read as infinite
 */
function json(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    throw badRequest('the job is nested too deeply: a few thousand levels is the most that can be passed on');
  }
  // Such a number is written as null.
  if (text.includes('null') && hasInfinite(value)) {
    throw badRequest('the job holds a number beyond 1.8e308, as 1e400: no job server can keep it');
  }
  return text;
}

function hasInfinite(value: unknown): boolean {
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (next === Number.POSITIVE_INFINITY || next === Number.NEGATIVE_INFINITY) return true;
    if (typeof next === 'object' && next !== null) for (const each of Object.values(next)) left.push(each);
  }
  return false;
}

/** Text that stands in JSON as it is, between quotes. */
const plainText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** JSON of `custom`. Mostly it holds a few numbers and short words, which are joined here in a third of `JSON.stringify`'s time. */
function customText(custom: object): string {
  let text = '';
  for (const [key, value] of Object.entries(custom)) {
    if (!plainText.test(key)) return json(custom);
    if (Number.isFinite(value)) text += `,"${key}":${value}`;
    else if (typeof value === 'string' && plainText.test(value)) text += `,"${key}":"${value}"`;
    else return json(custom);
  }
  return `{${text.slice(1)}}`;
}

/** The two operands as they stand in `args`. Finite numbers are their own JSON. */
export function operandsText(a: number, b: number): string {
  return `${a},${b}`;
}

/** The elements of args, without the brackets. */
export function argsText(args: readonly unknown[]): string {
  return args.length === 0 ? '' : json(args).slice(1, -1);
}

/** Writes jobs that share a moment of creation and a queue to go to when they name none. */
export class JobWriter {
  readonly #queue: string;
  /** From after args to the end, for a job without options of its own. */
  readonly #plainTail: string;
  readonly #createdAt: string;

  constructor(queue: string, createdAt: string) {
    this.#queue = queue;
    this.#createdAt = `,"created_at":"${createdAt}"`;
    this.#plainTail = `],"retry":${defaultRetry}${this.#createdAt}}`;
  }

  /** @param args the elements of args as JSON, joined by commas */
  write(jid: string, type: string, args: string, options: JobOptions): string {
    const { custom, queue = this.#queue, retry, reserve_for, at } = options;
    const jobtype = type === 'add' ? '"add"' : JSON.stringify(type);
    const head = `{"jid":"${jid}","queue":"${queue}","jobtype":${jobtype},"args":[${args}`;
    if (custom === undefined && retry === undefined && reserve_for === undefined && at === undefined) {
      return head + this.#plainTail;
    }
    const reserve = reserve_for === undefined ? '' : `,"reserve_for":${reserve_for}`;
    const extra = custom === undefined ? '' : `,"custom":${customText(custom)}`;
    const when = at === undefined ? '' : `,"at":"${at}"`;
    return `${head}],"retry":${retry ?? defaultRetry}${this.#createdAt}${when}${reserve}${extra}}`;
  }
}
