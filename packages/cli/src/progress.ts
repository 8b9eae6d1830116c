// The live line of a run: a bar drawn over itself on a terminal, a plain line about once a second anywhere else.

import { rate, seconds, whole } from './format.ts';
import type { Terminal } from './terminal.ts';

export interface ProgressView {
  jobs: number;
  submitted: number;
  /** Completed, or failed for good. */
  ended: number;
  /** null: not known. */
  depth: number | null;
  /** Why nothing is being submitted right now. */
  waitingFor: string | null;
}

const drawEveryMs = 100;
const lineEveryMs = 1000;
const barCells = 24;

/** `[██████      ]`, full only when all is done. */
export function bar(done: number, total: number, cells: number): string {
  const filled = total === 0 ? cells : Math.min(cells, Math.floor((done / total) * cells));
  return `[${'█'.repeat(filled)}${' '.repeat(cells - filled)}]`;
}

export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #startMs: number;
  #shownAtMs: number;
  #shownEnded = 0;
  #perS = 0;
  #drawn = false;

  constructor(terminal: Terminal, nowMs: number) {
    this.#terminal = terminal;
    this.#startMs = nowMs;
    this.#shownAtMs = nowMs;
  }

  /** Shows it when it is time to. */
  update(view: ProgressView, nowMs: number): void {
    const elapsedMs = nowMs - this.#shownAtMs;
    if (elapsedMs < (this.#terminal.live ? drawEveryMs : lineEveryMs)) return;
    const perS = ((view.ended - this.#shownEnded) / elapsedMs) * 1000;
    // On a terminal it is drawn so often that single values would flicker.
    this.#perS = this.#terminal.live && this.#shownEnded > 0 ? 0.8 * this.#perS + 0.2 * perS : perS;
    this.#shownAtMs = nowMs;
    this.#shownEnded = view.ended;
    if (this.#terminal.live) this.#draw(view, nowMs);
    else this.#terminal.write(`  ${this.#text(view, nowMs)}\n`);
  }

  /** Takes the drawn line away, so that what follows stands in its place. */
  clear(): void {
    if (this.#drawn) this.#terminal.write('\r\u001b[K');
    this.#drawn = false;
  }

  #draw(view: ProgressView, nowMs: number): void {
    const line = `${bar(view.ended, view.jobs, barCells)} ${this.#text(view, nowMs)}`;
    this.#terminal.write(`\r${line.slice(0, this.#terminal.columns - 1)}\u001b[K`);
    this.#drawn = true;
  }

  #text(view: ProgressView, nowMs: number): string {
    const { jobs, submitted, ended, depth, waitingFor } = view;
    const parts = [
      `${seconds((nowMs - this.#startMs) / 1000)}`,
      `${whole(ended)}/${whole(jobs)} done`,
      rate(this.#perS),
    ];
    if (submitted < jobs) parts.push(`${whole(submitted)} submitted`);
    if (depth !== null) parts.push(`queue ${whole(depth)}`);
    if (waitingFor !== null) parts.push(waitingFor);
    return parts.join('  ');
  }
}
