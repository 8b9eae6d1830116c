// The lists of queues that FETCHes name, by the text that named them: the same few lines come in for ever, and a thousand names
// are long to hash, to split and to look through, but quickly compared with the ones before.
// Invariant: the texts of the lists kept are at most `maxKeptChars` together, none longer than `maxListChars`, so that what clients
// make up does not add up here.

import { QueueList } from './queue-list.ts';

const maxKeptChars = 500_000;
/** Room for some thousand queues. */
const maxListChars = 64_000;
/** What a list costs beside its text. */
const listChars = 100;
/** Characters of a text that its print is made of. */
const printChars = 16;
/** Lists kept of one print. */
const maxAlike = 4;

/** Of a text, from its length and some of its characters; texts that differ may share it. */
function printOf(text: string): number {
  let print = text.length;
  const step = (text.length - 1) / (printChars - 1);
  for (let i = 0; i < printChars; i++) print = Math.imul(print ^ text.charCodeAt(Math.round(i * step)), 0x01000193);
  return print;
}

export class QueueLists {
  readonly #byPrint = new Map<number, QueueList[]>();
  readonly #onForgotten: (list: QueueList) => void;
  /** The one read last. */
  #last: QueueList | null = null;
  #chars = 0;
  #kept = 0;

  /** @param onForgotten hears of each list that is kept no more */
  constructor(onForgotten: (list: QueueList) => void = () => {}) {
    this.#onForgotten = onForgotten;
  }

  /** Lists kept. */
  get kept(): number {
    return this.#kept;
  }

  /** The queues in a FETCH's payload. */
  read(payload: string): QueueList {
    const last = this.#last;
    if (payload === last?.text) {
      last.isRepeated = true;
      return last;
    }
    this.#last = this.#find(payload);
    return this.#last;
  }

  #find(payload: string): QueueList {
    const print = printOf(payload);
    const alike = this.#byPrint.get(print);
    const known = alike?.find((list) => list.text === payload);
    if (known) {
      known.isRepeated = true;
      return known;
    }
    if (payload.length > maxListChars) return new QueueList(payload);
    return this.#keep(print, payload);
  }

  #keep(print: number, payload: string): QueueList {
    // Copied, for a piece cut out of a chunk keeps the whole chunk alive.
    const list = new QueueList(Buffer.from(payload).toString());
    const cost = list.text.length + listChars;
    if (this.#chars + cost > maxKeptChars) this.#forgetAll();
    const alike = this.#byPrint.get(print) ?? [];
    if (alike.length === maxAlike) this.#forget(alike.shift()!);
    alike.push(list);
    this.#byPrint.set(print, alike);
    list.isKept = true;
    this.#chars += cost;
    this.#kept++;
    return list;
  }

  #forgetAll(): void {
    for (const alike of this.#byPrint.values()) for (const list of alike) this.#forget(list);
    this.#byPrint.clear();
  }

  #forget(list: QueueList): void {
    if (list === this.#last) this.#last = null;
    list.isKept = false;
    this.#chars -= list.text.length + listChars;
    this.#kept--;
    this.#onForgotten(list);
  }
}
