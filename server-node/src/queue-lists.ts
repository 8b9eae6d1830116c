// The lists of queues that FETCHes name, by the text that named them: the same few lines come in for ever.
// Invariant: at most `maxKept` lists are kept, none from a text of more than `maxKeptChars`, so that what clients make up
// does not add up here.

const maxKept = 1000;
const maxKeptChars = 1000;

export class QueueLists {
  readonly #byText = new Map<string, readonly string[]>();

  /** Lists kept. */
  get kept(): number {
    return this.#byText.size;
  }

  /** The names in a FETCH's payload. */
  read(payload: string): readonly string[] {
    const known = this.#byText.get(payload);
    if (known) return known;
    // Copied, for a piece cut out of a chunk keeps the whole chunk alive.
    const text = Buffer.from(payload).toString();
    const names = text.split(' ').map((name) => Buffer.from(name).toString());
    if (text.length > maxKeptChars) return names;
    if (this.#byText.size === maxKept) this.#byText.clear();
    this.#byText.set(text, names);
    return names;
  }
}
