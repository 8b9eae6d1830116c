// The child processes that a command has started. Invariant: whatever the way out of the command, `stop` or `kill` ends all of
// them, also one that is being started.

import { ChildPart, type PartName } from './child-part.ts';

export class Nest {
  readonly #parts: ChildPart[] = [];
  readonly #unfinished = new Set<Promise<unknown>>();
  #closed = false;

  /** Resolves when it is ready. @throws JobstormError with its reason when it is not, or the nest is closed meanwhile */
  async start(name: PartName, args: readonly string[], env: Readonly<Record<string, string>>): Promise<ChildPart> {
    const part = new ChildPart(name, args, env);
    this.#parts.push(part);
    if (this.#closed) part.kill();
    await part.ready;
    return part;
  }

  get parts(): readonly ChildPart[] {
    return this.#parts;
  }

  /** Parts that ended though nobody told them to, in words. */
  unexpectedEnds(): string[] {
    return this.#parts.map((part) => part.unexpectedEnd).filter((end) => end !== null);
  }

  /** Workers first: they hold jobs. Then the rest, all at once. */
  async stop(graceMs: number): Promise<void> {
    this.#closed = true;
    const workers = this.#parts.filter(({ name }) => name === 'worker');
    await Promise.all(workers.map((part) => part.stop(graceMs)));
    await Promise.all(this.#parts.map((part) => part.stop(graceMs)));
  }

  /**
   * All at the same time. Once the server is gone with all its jobs, who still waits for an answer of it waits for nothing, and gets
   * `afterServerMs`.
   */
  async stopTogether(graceMs: number, afterServerMs: number): Promise<void> {
    this.#closed = true;
    const servers = this.#parts.filter(({ name }) => name === 'server');
    const others = this.#parts.filter(({ name }) => name !== 'server');
    const gone = Promise.all(others.map((part) => part.stop(graceMs)));
    await Promise.all(servers.map((part) => part.stop(graceMs)));
    const timer = setTimeout(() => {
      for (const part of others) part.kill();
    }, afterServerMs);
    await gone;
    clearTimeout(timer);
  }

  /** Work that goes on when the parts are killed: it takes back what must not stay behind on a server. */
  finish<T>(work: Promise<T>): Promise<T> {
    this.#unfinished.add(work);
    const over = () => this.#unfinished.delete(work);
    work.then(over, over);
    return work;
  }

  /** Settles when that is done; null: nothing is to be done. */
  get unfinished(): Promise<unknown> | null {
    return this.#unfinished.size === 0 ? null : Promise.allSettled(this.#unfinished);
  }

  kill(): void {
    this.#closed = true;
    for (const part of this.#parts) part.kill();
  }
}
