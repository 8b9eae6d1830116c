// What is noted of each part that runs as a plain process: .jobstorm/parts/NAME.json, one part of a name at a time.
// Invariant: a record is written before anybody waits for its part, so that whatever happens to the command that started it,
// `down` finds it; and there is no secret in it.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const nativeParts = ['server', 'api', 'dashboard', 'worker'] as const;
export type NativePart = (typeof nativeParts)[number];

/** How it is found out whether a part does its work. */
export type Probe =
  | { kind: 'fwp'; host: string; port: number }
  /** GET /health of that part. */
  | { kind: 'http'; origin: string }
  /** It says so in its log when it starts, and where it can be asked later, if anywhere. */
  | { kind: 'log' };

export interface PartRecord {
  part: NativePart;
  pid: number;
  startTicks: string;
  args: string[];
  /** Path of its log. */
  log: string;
  /** A digest of all that it was told and of the program that it runs: another one means that it has to be started anew. */
  settings: string;
  /** HOST:PORT; null: it listens nowhere. */
  address: string | null;
  probe: Probe;
  /** ISO 8601 */
  startedAt: string;
}

export class PartRecords {
  readonly dir: string;

  /** `dir`: .jobstorm/parts */
  constructor(dir: string) {
    this.dir = dir;
  }

  /** null: there is none, or none that can be read. */
  read(part: NativePart): PartRecord | null {
    try {
      const record = JSON.parse(readFileSync(this.#path(part), 'utf8')) as Partial<PartRecord>;
      const whole = Number.isInteger(record.pid) && typeof record.startTicks === 'string';
      return whole && record.part === part ? (record as PartRecord) : null;
    } catch {
      return null;
    }
  }

  all(): PartRecord[] {
    return nativeParts.map((part) => this.read(part)).filter((record) => record !== null);
  }

  /** Whole or not at all. */
  write(record: PartRecord): void {
    mkdirSync(this.dir, { recursive: true });
    const path = this.#path(record.part);
    const draft = `${path}.${process.pid}.tmp`;
    writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  }

  forget(part: NativePart): void {
    rmSync(this.#path(part), { force: true });
  }

  #path(part: NativePart): string {
    return join(this.dir, `${part}.json`);
  }
}
