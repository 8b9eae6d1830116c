// Draws what has changed and nothing else, a piece at a time: what does not fit into a frame waits for the next one, so that a page with much to
// draw still answers at once.
//
//   touch('run') ──▶ pieces that show the run are stale ──▶ (a frame) drawn one by one, until the frame's share is used up ──▶ next frame …

const shareOfFrameMs = 8;

interface Piece {
  /** Names of what it shows. */
  of: ReadonlySet<string>;
  draw(): void;
  stale: boolean;
}

export class Painter {
  readonly #pieces: Piece[] = [];
  #asked = false;

  /** Pieces are drawn in the order in which they were added. */
  add(of: readonly string[], draw: () => void): void {
    this.#pieces.push({ of: new Set(of), draw, stale: true });
  }

  /** These have changed. */
  touch(names: readonly string[]): void {
    for (const piece of this.#pieces) if (names.some((name) => piece.of.has(name))) piece.stale = true;
    this.#ask();
  }

  #ask(): void {
    if (this.#asked || !this.#pieces.some(({ stale }) => stale)) return;
    this.#asked = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    this.#asked = false;
    const from = performance.now();
    for (const piece of this.#pieces) {
      if (!piece.stale) continue;
      piece.stale = false;
      piece.draw();
      if (performance.now() - from >= shareOfFrameMs) break;
    }
    this.#ask();
  }
}
