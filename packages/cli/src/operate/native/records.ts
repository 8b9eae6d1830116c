// What is noted of each part that runs as a plain process: .jobstorm/parts/NAME.json, one part of a name at a time.
// A worker that leaves once its jobs are done, with another one in its place, has a record of its own: worker-PID.json.
// Invariant: a record is written before anybody waits for its part, so that whatever happens to the command that started it,
// `down` finds it; and there is no secret in it.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  /** It ends by itself, and another one of its name has its place. */
  leaving?: true;
}

export class PartRecords {
  readonly dir: string;

  /** `dir`: .jobstorm/parts */
  constructor(dir: string) {
    this.dir = dir;
  }

  /** null: there is none, or none that can be read. */
  read(part: NativePart): PartRecord | null {
    return this.#read(`${part}.json`, part);
  }

  /** Those that leave. */
  leaving(part: NativePart): PartRecord[] {
    let names: string[] = [];
    try {
      names = readdirSync(this.dir).filter((name) => new RegExp(`^${part}-\\d+\\.json$`).test(name));
    } catch {} // nothing was ever started
    return names.map((name) => this.#read(name, part)).filter((record) => record !== null);
  }

  /** All of a part, those that leave among them. */
  of(part: NativePart): PartRecord[] {
    const current = this.read(part);
    return [...this.leaving(part), ...(current === null ? [] : [current])];
  }

  all(): PartRecord[] {
    return nativeParts.flatMap((part) => this.of(part));
  }

  #read(name: string, part: NativePart): PartRecord | null {
    try {
      const record = JSON.parse(readFileSync(join(this.dir, name), 'utf8')) as Partial<PartRecord>;
      const whole = Number.isInteger(record.pid) && typeof record.startTicks === 'string';
      return whole && record.part === part ? (record as PartRecord) : null;
    } catch {
      return null;
    }
  }

  /** Whole or not at all. */
  write(record: PartRecord): void {
    mkdirSync(this.dir, { recursive: true });
    const path = this.#path(record);
    const draft = `${path}.${process.pid}.tmp`;
    writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  }

  /** It makes room for another one, whose record is not written yet. Returns its own from now on. */
  setAside(record: PartRecord): PartRecord {
    const aside: PartRecord = { ...record, leaving: true };
    this.write(aside);
    this.forget(record);
    return aside;
  }

  /** What `setAside` did is undone: nothing came of the other one. */
  putBack({ leaving: _, ...record }: PartRecord): void {
    this.write(record);
    this.forget({ ...record, leaving: true });
  }

  /** Where another process has its place meanwhile, that one's record stays. */
  forget(record: PartRecord): void {
    if (!record.leaving && (this.read(record.part)?.pid ?? record.pid) !== record.pid) return;
    rmSync(this.#path(record), { force: true });
  }

  #path({ part, pid, leaving }: PartRecord): string {
    return join(this.dir, leaving ? `${part}-${pid}.json` : `${part}.json`);
  }
}
