// New job ids: a random prefix of this process, then a count. Cheap to make, and never the same twice: a process counts on,
// and two processes differ in 64 random bits of fixed width.

import { randomBytes } from 'node:crypto';

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';
/** The last two characters of an id: a table, since turning every number into text costs more. */
const endings = Array.from({ length: 36 * 36 }, (_, i) => digits[Math.floor(i / 36)]! + digits[i % 36]!);
const prefixLength = 13;

/** 64 random bits as 13 characters. */
function randomPrefix(): string {
  return randomBytes(8).readBigUInt64BE().toString(36).padStart(prefixLength, '0');
}

export class JidSource {
  readonly #prefix: string;
  #head: string;
  #blocks = 0;
  #next = 0;

  constructor(prefix: string = randomPrefix()) {
    this.#prefix = prefix;
    this.#head = `${prefix}0`;
  }

  /** At least 16 characters of 0-9 and a-z. */
  next(): string {
    if (this.#next === endings.length) {
      this.#next = 0;
      this.#blocks++;
      this.#head = this.#prefix + this.#blocks.toString(36);
    }
    return this.#head + endings[this.#next++]!;
  }
}
