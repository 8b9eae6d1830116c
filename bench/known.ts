// What earlier parts of a measurement have measured (--resume FILE): its rounds count, and only what is missing is run. Invariant: the file
// is replaced whole after each round, so that a run which is cut goes on where it was, and quick counts are never taken for full ones.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { ArgumentError } from './options.ts';

/** Of one case. */
interface Part {
  rounds: number;
  /** By side, then by column key, a value a round. */
  sides: Record<string, Record<string, number[]>>;
  /** What a case found out that holds for all of its rounds. */
  kept: Record<string, unknown>;
}

export class Known {
  readonly #path: string | null;
  readonly #parts: Record<string, Part> = {};

  /** null: nothing is known, and nothing is written. @throws ArgumentError when the file is there and no such file */
  constructor(path: string | null) {
    this.#path = path;
    if (path === null) return;
    try {
      this.#parts = (JSON.parse(readFileSync(path, 'utf8')) as { parts: Record<string, Part> }).parts;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw new ArgumentError(`--resume: got "${path}", which holds no earlier rounds: ${(error as Error).message}`);
    }
  }

  /** What is known of that case; quick rounds and full ones are kept apart. */
  of(name: string, quick: boolean): KnownCase {
    const key = quick ? `${name} --quick` : name;
    this.#parts[key] ??= { rounds: 0, sides: {}, kept: {} };
    const part = this.#parts[key];
    return new KnownCase(part, () => this.#save());
  }

  #save(): void {
    if (this.#path === null) return;
    const staged = `${this.#path}.${process.pid}.tmp`;
    writeFileSync(staged, JSON.stringify({ schemaVersion: 1, parts: this.#parts }, null, 2));
    renameSync(staged, this.#path);
  }
}

export class KnownCase {
  readonly #part: Part;
  readonly #save: () => void;

  constructor(part: Part, save: () => void) {
    this.#part = part;
    this.#save = save;
  }

  /** Whole rounds that are over. */
  get rounds(): number {
    return this.#part.rounds;
  }

  /** Of a side, by column key, a value a round. */
  side(name: string): Readonly<Record<string, readonly number[]>> {
    return this.#part.sides[name] ?? {};
  }

  /** A round is over. */
  add(round: ReadonlyMap<string, Readonly<Record<string, number>>>): void {
    for (const [name, readings] of round) {
      const side = this.#part.sides[name] ?? {};
      this.#part.sides[name] = side;
      for (const [key, value] of Object.entries(readings)) side[key] = [...(side[key] ?? []), value];
    }
    this.#part.rounds++;
    this.#save();
  }

  /** null: nobody kept it. */
  kept<T>(name: string): T | null {
    return (this.#part.kept[name] as T | undefined) ?? null;
  }

  keep(name: string, value: unknown): void {
    this.#part.kept[name] = value;
    this.#save();
  }
}
