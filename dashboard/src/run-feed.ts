// A run as its generator tells it, line by line (docs/reports.md): kept whole, so that whoever comes late sees all of it. Pure.
// Invariants: line 0 is the header; lines are numbered without a gap, and one that is known already is taken as said again; after
// the end line there are no more; a feed takes MAX_FEED_BYTES at most.

import { MessageError } from './message.ts';

/** An hour at two samples a second is some 8 MB. */
export const MAX_FEED_BYTES = 64 << 20;
const RUN_ID = /^[\w-][\w.-]{0,99}$/;

/** A line of a run's stream; only what is asked of it here. */
export interface FeedLine {
  type: string;
}

/** What a list of runs shows of one; what was not measured is null. */
export interface RunBrief {
  id: string;
  command: string;
  startedAt: string;
  /** The end line has come. */
  ended: boolean;
  /** Somebody tells it; in lists only. */
  goesOn?: boolean;
  lines: number;
  bytes: number;
  completed: number | null;
  lost: number | null;
  completePerS: number | null;
  p99Us: number | null;
  bottleneck: string | null;
  valid: boolean | null;
}

/** @throws MessageError: it becomes the name of a file */
export function checkRunId(id: unknown): string {
  if (typeof id === 'string' && RUN_ID.test(id)) return id;
  throw new MessageError('expected the id of a run: letters, digits, "-", "_" and "."');
}

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 2000) : '');

function briefOf(id: string, header: Json, end: Json | null, lines: number, bytes: number): RunBrief {
  const run = object(header.run);
  const result = object(end?.result);
  const { completed, lost } = object(result.jobs);
  const endToEnd = object(object(result.latencyUs).endToEnd);
  const bottleneck = object(result.verdict).bottleneck;
  return {
    id,
    command: text(run.command),
    startedAt: text(run.startedAt),
    ended: end !== null,
    lines,
    bytes,
    completed: numberOrNull(completed),
    lost: numberOrNull(lost),
    completePerS: numberOrNull(object(result.throughput).completePerS),
    p99Us: numberOrNull(endToEnd.p99),
    bottleneck: typeof bottleneck === 'string' ? bottleneck.slice(0, 100) : null,
    valid: typeof result.valid === 'boolean' ? result.valid : null,
  };
}

export class RunFeed {
  readonly id: string;
  /** JSON texts without their line ends. */
  readonly lines: string[] = [];
  #bytes = 0;
  #header: Json = {};
  #end: Json | null = null;

  constructor(id: string) {
    this.id = checkRunId(id);
  }

  get ended(): boolean {
    return this.#end !== null;
  }

  get brief(): RunBrief {
    return briefOf(this.id, this.#header, this.#end, this.lines.length, this.#bytes);
  }

  /** The line's text when it is new; null: it is known. @throws MessageError when it does not fit on what is there */
  add(number: number, line: unknown): string | null {
    if (number < this.lines.length) return null;
    if (number > this.lines.length) throw new MessageError(`expected line ${this.lines.length}, got ${number}`);
    if (this.ended) throw new MessageError('the run has ended: no line follows its end');
    const { type } = object(line);
    if (typeof type !== 'string') throw new MessageError('expected a line with a type');
    if ((type === 'header') !== (number === 0)) throw new MessageError('the header is line 0, and no other line is');
    const json = JSON.stringify(line);
    const bytes = Buffer.byteLength(json) + 1;
    if (this.#bytes + bytes > MAX_FEED_BYTES) throw new MessageError(`a run has ${MAX_FEED_BYTES} bytes at most`);
    this.lines.push(json);
    this.#bytes += bytes;
    if (type === 'header') this.#header = object(line);
    if (type === 'end') this.#end = object(line);
    return json;
  }

  /** From what was written of it; a last line that was cut off is left out. */
  static read(id: string, written: string): RunFeed {
    const feed = new RunFeed(id);
    for (const line of written.split('\n')) {
      try {
        if (line !== '') feed.add(feed.lines.length, JSON.parse(line));
      } catch {
        break; // what follows a line that can't be read belongs to nothing
      }
    }
    return feed;
  }
}
