// What a command says while it works: lines that stay, and on a terminal one line below them that is drawn over.
// Invariant: after `clear` nothing is drawn and no timer runs.

import { seconds } from '../format.ts';
import type { Terminal } from '../terminal.ts';

const redrawEveryMs = 250;

export class LiveLine {
  readonly #terminal: Terminal;
  #text: string | null = null;
  #detail = '';
  #sinceMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /**
   * What is being done now, in place of what was done before. Off a terminal it is a line that stays.
   * @param detail changes often, so it is shown on terminals only
   */
  doing(text: string, detail = ''): void {
    const isNew = text !== this.#text;
    if (this.#text === null) this.#sinceMs = performance.now();
    this.#text = text;
    this.#detail = detail;
    if (!this.#terminal.live) {
      if (isNew) this.#terminal.write(`${text} …\n`);
      return;
    }
    this.#timer ??= setInterval(() => this.#draw(), redrawEveryMs).unref();
    this.#draw();
  }

  /** A line that stays. */
  say(line: string): void {
    this.#wipe();
    this.#terminal.write(`${line}\n`);
    this.#draw();
  }

  clear(): void {
    this.#wipe();
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#text = null;
  }

  #wipe(): void {
    if (this.#text !== null && this.#terminal.live) this.#terminal.write('\r\u001b[K');
  }

  #draw(): void {
    if (this.#text === null || !this.#terminal.live) return;
    const elapsed = seconds((performance.now() - this.#sinceMs) / 1000);
    const line = `${elapsed}  ${this.#text}${this.#detail === '' ? ' …' : `: ${this.#detail}`}`;
    this.#terminal.write(`\r${this.#terminal.dim(line.slice(0, this.#terminal.columns - 1))}\u001b[K`);
  }
}
