// Runs on disk: NAME.jsonl is the stream as it came, NAME.json its brief once it has ended. A live run is in memory too, a finished
// one only here. Without a folder the last few are kept in memory.
//
//   feed(id) ──▶ live: RunFeed in memory, each line appended to its file ──▶ end: brief written, memory freed ──▶ read(id)
//
// Invariants: the disk never holds up a run, and one that is full costs only the record: the run goes on from memory, and `trouble` says why.
// A file that can't be read, or is no run's, is left as it is, named, and keeps no other from being listed.
// Finished runs take `limitBytes` at most, the oldest go first; a run that goes on is never deleted.

import { appendFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkRunId, type RunBrief, RunFeed } from './run-feed.ts';

const DEFAULT_LIMIT_BYTES = 256 << 20;
/** Without a folder. */
const MOST_IN_MEMORY = 10;

interface Finished {
  brief: RunBrief;
  /** null: on disk. */
  feed: RunFeed | null;
}

export interface RunArchiveOptions {
  /** null: memory only. */
  folder: string | null;
  limitBytes?: number;
  /** Somebody else keeps runs in the folder too: one without an end goes on there. */
  shared?: boolean;
}

export class RunArchive {
  readonly #folder: string | null;
  readonly #limitBytes: number;
  readonly #shared: boolean;
  readonly #live = new Map<string, RunFeed>();
  /** Without an end, and nobody tells them: found so on disk, or their generator has gone. Told on if it comes back. */
  readonly #cutOff = new Map<string, RunFeed>();
  /** The oldest first. */
  readonly #finished = new Map<string, Finished>();
  /** Writes follow each other, run by run. */
  readonly #writes = new Map<string, Promise<void>>();
  #trouble: string | null = null;
  /** Names of files, and why they could not be read. */
  readonly #unread: string[] = [];

  /** Reads what is there; a folder that can't be made or read is told by `trouble`. */
  static async open(options: RunArchiveOptions): Promise<RunArchive> {
    const archive = new RunArchive(options);
    await archive.#load().catch((error: Error) => archive.#fail(error));
    return archive;
  }

  private constructor({ folder, limitBytes = DEFAULT_LIMIT_BYTES, shared = false }: RunArchiveOptions) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
    this.#shared = shared;
  }

  /** Why runs are not kept on disk at the moment, or which could not be read there; null: neither. */
  get trouble(): string | null {
    if (this.#trouble !== null) return this.#trouble;
    if (this.#unread.length === 0) return null;
    const more = this.#unread.length > 3 ? `, and ${this.#unread.length - 3} more` : '';
    return `in ${this.#folder} can't be read: ${this.#unread.slice(0, 3).join('; ')}${more}`;
  }

  #fail(error: Error): void {
    this.#trouble = `runs can't be kept in ${this.#folder}: ${error.message}`;
  }

  #path(id: string, ending: 'jsonl' | 'json'): string {
    return join(this.#folder!, `${id}.${ending}`);
  }

  async #load(): Promise<void> {
    if (this.#folder === null) return;
    await mkdir(this.#folder, { recursive: true });
    const names = await readdir(this.#folder);
    const briefs: RunBrief[] = [];
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      try {
        const brief = JSON.parse(await readFile(join(this.#folder, name), 'utf8')) as RunBrief;
        if (checkRunId(brief.id) === name.slice(0, -5)) briefs.push(brief);
      } catch {
        // not ours, or cut off: left where it is; the stream beside it tells the same
      }
    }
    briefs.sort((a, b) => String(a.startedAt).localeCompare(String(b.startedAt)));
    for (const brief of briefs) this.#finished.set(brief.id, { brief, feed: null });
    if (this.#shared) return;
    for (const name of names.filter((each) => each.endsWith('.jsonl'))) {
      await this.#takeUp(name.slice(0, -6)).catch((error: Error) => this.#unread.push(`${name} (${error.message})`));
    }
  }

  /** A run that went on when this room ended: it may go on here. @throws Error when it can't be read, or is no run */
  async #takeUp(id: string): Promise<void> {
    if (this.#finished.has(id)) return;
    const written = await readFile(this.#path(checkRunId(id), 'jsonl'), 'utf8');
    const feed = RunFeed.read(id, written);
    if (feed.lines.length === 0 && written !== '') throw new Error('it does not begin as a run does');
    // A line that was cut off is sent again.
    if (Buffer.byteLength(written) !== feed.brief.bytes) await truncate(this.#path(id, 'jsonl'), feed.brief.bytes);
    if (feed.ended) await this.#finish(feed);
    else this.#cutOff.set(id, feed);
  }

  /** That run's feed, begun where it is new. @throws MessageError when the id is none */
  feed(id: string): RunFeed {
    const known = this.#live.get(id);
    if (known) return known;
    const feed = this.#cutOff.get(id) ?? new RunFeed(id);
    this.#cutOff.delete(id);
    this.#live.set(id, feed);
    return feed;
  }

  /** Whoever told it has gone. */
  leave(feed: RunFeed): void {
    if (this.#live.get(feed.id) !== feed) return;
    this.#live.delete(feed.id);
    this.#cutOff.set(feed.id, feed);
  }

  /** True: it is over and needs no feed. */
  isFinished(id: string): boolean {
    return this.#finished.has(id);
  }

  /** The one that began last and goes on; null: none. */
  get latest(): RunFeed | null {
    return [...this.#live.values()].at(-1) ?? null;
  }

  /** Takes a line into a live run. @throws MessageError when it does not fit */
  add(feed: RunFeed, number: number, line: unknown): void {
    const json = feed.add(number, line);
    if (json === null) return;
    if (this.#folder !== null) this.#write(feed.id, () => appendFile(this.#path(feed.id, 'jsonl'), `${json}\n`));
    if (feed.ended) void this.#finish(feed);
  }

  #write(id: string, write: () => Promise<void>): void {
    const after = (this.#writes.get(id) ?? Promise.resolve()).then(write).catch((error: Error) => this.#fail(error));
    this.#writes.set(id, after);
  }

  async #finish(feed: RunFeed): Promise<void> {
    const { id, brief } = feed;
    this.#finished.set(id, { brief, feed });
    this.#live.delete(id);
    if (this.#folder !== null) {
      this.#write(id, () => writeFile(this.#path(id, 'json'), `${JSON.stringify(brief)}\n`));
      await this.#writes.get(id);
      this.#writes.delete(id);
      // Readers find it on disk from now on, unless the disk does not have it.
      if (this.#trouble === null) this.#finished.set(id, { brief, feed: null });
    }
    await this.#shrink();
  }

  /** Forgets the oldest until what is left fits. */
  async #shrink(): Promise<void> {
    const bytes = () => [...this.#finished.values()].reduce((sum, { brief }) => sum + brief.bytes, 0);
    const most = this.#folder === null ? MOST_IN_MEMORY : Number.POSITIVE_INFINITY;
    for (const id of [...this.#finished.keys()]) {
      if (this.#finished.size <= 1 || (bytes() <= this.#limitBytes && this.#finished.size <= most)) return;
      await this.remove(id);
    }
  }

  /** Live ones and those that were cut off too, the newest first. */
  list(): RunBrief[] {
    const finished = [...this.#finished.values()].map(({ brief }) => brief);
    const cutOff = [...this.#cutOff.values()].map((feed) => feed.brief);
    const live = [...this.#live.values()].map((feed) => ({ ...feed.brief, goesOn: true }));
    return [...finished, ...cutOff, ...live].sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** The stream as text; null: no such run. @throws the file system's errors */
  async read(id: string): Promise<string | null> {
    const feed = this.#live.get(id) ?? this.#cutOff.get(id) ?? this.#finished.get(id)?.feed;
    if (feed) return feed.lines.map((line) => `${line}\n`).join('');
    if (!this.#finished.has(id)) return null;
    return readFile(this.#path(id, 'jsonl'), 'utf8');
  }

  /** Of a run that does not go on; false: there is none. */
  async remove(id: string): Promise<boolean> {
    if (!this.#finished.delete(id) && !this.#cutOff.delete(id)) return false;
    if (this.#folder === null) return true;
    await Promise.all((['jsonl', 'json'] as const).map((ending) => rm(this.#path(id, ending), { force: true })));
    return true;
  }

  /** Settles once all that came is written. */
  async close(): Promise<void> {
    await Promise.all(this.#writes.values());
  }
}
