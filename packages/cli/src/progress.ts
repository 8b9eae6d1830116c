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
/** The rate shown is the mean over this long: snapshots come twice a second, so shorter would flicker. */
const rateOverMs = 1500;
const barCells = 24;

/** `[██████      ]`, full only when all is done. */
export function bar(done: number, total: number, cells: number): string {
  const filled = total === 0 ? cells : Math.min(cells, Math.floor((done / total) * cells));
  return `[${'█'.repeat(filled)}${' '.repeat(cells - filled)}]`;
}

export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #startMs: number;
  /** What was shown lately, oldest first; the first one is where the rate counts from. */
  readonly #shown: { atMs: number; ended: number }[];
  #drawn = false;

  constructor(terminal: Terminal, nowMs: number) {
    this.#terminal = terminal;
    this.#startMs = nowMs;
    this.#shown = [{ atMs: nowMs, ended: 0 }];
  }

  /** Shows it when it is time to. */
  update(view: ProgressView, nowMs: number): void {
    const { live, columns } = this.#terminal;
    if (nowMs - this.#shown.at(-1)!.atMs < (live ? drawEveryMs : lineEveryMs)) return;
    this.#shown.push({ atMs: nowMs, ended: view.ended });
    while (this.#shown.length > 2 && nowMs - this.#shown[1]!.atMs >= rateOverMs) this.#shown.shift();
    const text = this.#text(view, nowMs);
    if (live) this.#draw(view, text, columns);
    else this.#terminal.write(`  ${text}\n`);
  }

  /** Takes the drawn line away, so that what follows stands in its place. */
  clear(): void {
    if (this.#drawn) this.#terminal.write('\r\u001b[K');
    this.#drawn = false;
  }

  /** The bar takes what the text leaves of the line. */
  #draw(view: ProgressView, text: string, columns: number): void {
    const cells = Math.min(barCells, columns - text.length - 4);
    const line = cells >= 4 ? `${bar(view.ended, view.jobs, cells)} ${text}` : text.slice(0, columns - 1);
    this.#terminal.write(`\r${line}\u001b[K`);
    this.#drawn = true;
  }

  #text(view: ProgressView, nowMs: number): string {
    const { jobs, submitted, ended, depth, waitingFor } = view;
    const since = this.#shown[0]!;
    const perS = ((ended - since.ended) / (nowMs - since.atMs)) * 1000;
    const parts = [seconds((nowMs - this.#startMs) / 1000), `${whole(ended)}/${whole(jobs)} done`, rate(perS)];
    if (submitted < jobs) parts.push(`${whole(submitted)} submitted`);
    if (depth !== null) parts.push(`queue ${whole(depth)}`);
    if (waitingFor !== null) parts.push(waitingFor);
    return parts.join('  ');
  }
}
