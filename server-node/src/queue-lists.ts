// The lists of queues that FETCHes name, by the text that named them: the same few lines come in for ever.
// Invariant: the texts of the lists kept are at most `maxKeptChars` together, none longer than `maxListChars`, so that what clients
// make up does not add up here.

const maxKeptChars = 1_000_000;
/** Room for a thousand queues. */
const maxListChars = 64_000;
/** What a list costs beside its text. */
const listChars = 100;

export class QueueLists {
  readonly #byText = new Map<string, readonly string[]>();
  #chars = 0;

  /** Lists kept. */
  get kept(): number {
    return this.#byText.size;
  }

  /** The names in a FETCH's payload. */
  read(payload: string): readonly string[] {
    const known = this.#byText.get(payload);
    if (known) return known;
    if (payload.length > maxListChars) return payload.split(' ');
    // Copied, for a piece cut out of a chunk keeps the whole chunk alive.
    const text = Buffer.from(payload).toString();
    const names = text.split(' ');
    if (this.#chars + text.length + listChars > maxKeptChars) {
      this.#byText.clear();
      this.#chars = 0;
    }
    this.#byText.set(text, names);
    this.#chars += text.length + listChars;
    return names;
  }
}
