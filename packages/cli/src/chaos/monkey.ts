// Kills what the command has started, by a seeded plan, and puts a new one in its place.
//
//   wait ─▶ choose ─▶ SIGKILL (a worker with its processes; the server) ─▶ start another ─▶ it works ─▶ wait …
//
// Invariant: only parts of the run's own are ever killed, and once `stop` has settled nobody is any more and every replacement works or failed.

import type { Kill, KillRecord } from '@jobstorm/loadtest';
import type { ChildPart } from '../child-part.ts';

export interface Victim {
  part: ChildPart;
  /** Starts another one in its place; settles when it works. */
  replace(): Promise<ChildPart>;
}

export interface MonkeyOptions {
  victims: Victim[];
  next: (victims: number) => Kill;
  /** Seconds since the run's start. */
  nowS: () => number;
  onKill(what: string): void;
}

export class Monkey {
  readonly kills: KillRecord[] = [];
  /** Replacements that did not come, in words. */
  readonly failures: string[] = [];
  readonly #o: MonkeyOptions;
  #timer: NodeJS.Timeout | null = null;
  #replacing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: MonkeyOptions) {
    this.#o = options;
    this.#plan();
  }

  #plan(): void {
    if (this.#stopped || this.#o.victims.length === 0) return;
    const { afterMs, victim } = this.#o.next(this.#o.victims.length);
    this.#timer = setTimeout(() => {
      this.#replacing = this.#kill(this.#o.victims[victim]!).finally(() => this.#plan());
    }, afterMs);
  }

  async #kill(victim: Victim): Promise<void> {
    const { part } = victim;
    const atS = this.#o.nowS();
    const what = `${part.name} ${part.pid}`;
    const record: KillRecord = { atS, what, replacedS: null };
    this.kills.push(record);
    this.#o.onKill(what);
    part.kill();
    await part.exited;
    try {
      victim.part = await victim.replace();
      record.replacedS = this.#o.nowS() - atS;
    } catch (error) {
      this.#o.victims.splice(this.#o.victims.indexOf(victim), 1);
      this.failures.push(`no ${part.name} came in the place of ${what}: ${(error as Error).message}`);
    }
  }

  /** No further kills; settles when the last replacement is there. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#replacing;
  }
}
