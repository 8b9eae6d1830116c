// The processes of one worker. It starts them, shares its task out among them, passes on quiet, stop and settings, beats for them,
// and starts another when one dies.
//
//   starting ──(all ready)──▶ running ──stop(), leave()──▶ stopping ──(all ended, or killed after the grace)──▶ finished
//
// Invariant: no process outlives the supervisor (their channel closes with it, and `OrphanGuard` ends those that don't hear it);
// the shares of the processes that have a number add up to the task. Those that have lost theirs, since fewer are wanted, only
// finish what runs. It is finished when no process lives and none is about to be started.

import { randomBytes } from 'node:crypto';
import type { CgroupUsage, SettingsOutcome, WorkerSettings } from '@jobstorm/telemetry';
import type { CpuCap } from './cpu-cap.ts';
import { MemoryGuard } from './memory-guard.ts';
import type { StartMessage, WantedSettings } from './messages.ts';
import { Departed, type WorkerView } from './metrics.ts';
import type { WorkerHealth } from './metrics-server.ts';
import { OrphanGuard } from './orphan-guard.ts';
import { ProcessBeats } from './process-beats.ts';
import { type ProcessEnd, ProcessHandle } from './process-handle.ts';
import { SettingsInbox } from './settings-inbox.ts';
import { type ProcessShare, settingsOf, shareOut, type WorkerTask } from './worker-task.ts';

const restartAfterMs = 1000;
/** A process that a handler holds tells nothing; what it told last is shown then. */
const pollTimeoutMs = 1000;
const memoryEveryMs = 1000;

export interface SupervisorOptions {
  task: WorkerTask;
  start: Omit<StartMessage, 'type' | 'wid' | 'group' | keyof ProcessShare>;
  log: (message: string) => void;
  /** The task as the control room wants it. Throws with a sentence when it can't be had. */
  changed?: (task: WorkerTask, wanted: WorkerSettings) => WorkerTask;
  /** Every process is put into it, and it is removed in the end; null: nothing but their count bounds them. */
  cap?: CpuCap | null;
  /** Further flags for Node. */
  flags?: readonly string[];
  /** What its control group says; null: no limit is known. */
  memory?: () => Pick<CgroupUsage, 'memoryBytes' | 'memoryLimitBytes'> | null;
  /** Default: 15 seconds. */
  beatEveryMs?: number;
}

export class Supervisor {
  /** Settles when all processes have ended in good order. */
  readonly finished: Promise<void>;
  /** Why processes can't be put under the cap; null: they are, or there is none. */
  capFailure: string | null = null;
  readonly #options: SupervisorOptions;
  readonly #group = randomBytes(8).toString('hex');
  /** All that live. */
  readonly #processes = new Set<ProcessHandle>();
  /** Those that have a share, by its number. */
  readonly #numbered = new Map<number, ProcessHandle>();
  /** By number, each from the death of a process until another one fetches jobs. */
  readonly #restarts = new Map<number, NodeJS.Timeout>();
  readonly #departed = new Departed();
  readonly #inbox = new SettingsInbox((wanted) => this.#change(wanted));
  readonly #guard = new OrphanGuard();
  readonly #beats: ProcessBeats;
  readonly #memoryGuard = new MemoryGuard();
  readonly #memoryTimer: NodeJS.Timeout;
  #task: WorkerTask;
  /** While memory is short: the most slots that each number may have. */
  #ceilings: ReadonlyMap<number, number> | null = null;
  #restartCount = 0;
  #quiet = false;
  /** The grace that processes are told; undefined: it does not stop. */
  #stopping: number | null | undefined;
  #settleFinished!: () => void;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#task = options.task;
    this.#beats = new ProcessBeats({
      address: options.start.address,
      beats: () => [...this.#processes].map(({ beat }) => beat),
      onState: (wid, state) => {
        for (const each of this.#processes) if (each.wid === wid) each.obey(state, options.start.graceMs);
      },
      log: options.log,
      everyMs: options.beatEveryMs,
    });
    this.#memoryTimer = setInterval(() => this.#watchMemory(), memoryEveryMs).unref();
    this.finished = new Promise<void>((resolve) => {
      this.#settleFinished = resolve;
    }).then(() => this.#release());
  }

  get pids(): number[] {
    return [...this.#processes].flatMap(({ pid }) => pid ?? []);
  }

  /** Settles when every process fetches jobs. @throws JobstormError when one can't start, with its code; the others are ended */
  async start(): Promise<void> {
    try {
      await Promise.all(shareOut(this.#task).map((_, number) => this.#fork(number)));
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (this.#stopping === undefined) this.#beats.start();
  }

  /** Tells all processes to fetch no more; what runs goes on. */
  quiet(): void {
    this.#quiet = true;
    for (const each of this.#processes) each.quiet();
  }

  /** Tells all processes to finish what runs; settles when they have ended. One that is stuck in a handler is killed. */
  stop(): Promise<void> {
    return this.#end(this.#options.start.graceMs);
  }

  /** As `stop`, however long what runs may take. */
  leave(): Promise<void> {
    return this.#end(null);
  }

  /** Takes other settings while it runs. What can't be had is said, and nothing of it done. */
  configure(wanted: WantedSettings): SettingsOutcome {
    const refusal = this.#inbox.take(wanted);
    return { inForce: settingsOf(this.#task), refusal };
  }

  /** Why it can't be had; null: it is in force. */
  #change(wanted: WorkerSettings): string | null {
    const { changed, log } = this.#options;
    if (!changed || this.#stopping !== undefined) return 'the worker is stopping';
    try {
      const task = changed(this.#task, wanted);
      if (JSON.stringify(task) === JSON.stringify(this.#task)) return null;
      this.#task = task;
      log(`the control room has changed the settings: ${JSON.stringify(task)}`);
    } catch (error) {
      const { message } = error as Error;
      log(`the control room wants settings that can't be: ${message}`);
      return message;
    }
    this.#applyTask();
    return null;
  }

  /** As each process told last, half a second ago at most unless a handler holds it. */
  health(): WorkerHealth {
    const slots = { total: 0, running: 0 };
    let connected = false;
    for (const { report } of this.#processes) {
      if (report === null) continue;
      slots.total += report.status.slots.total;
      slots.running += report.status.slots.running;
      connected ||= report.status.connected;
    }
    const { version } = this.#options.start;
    return { name: 'jobstorm', part: 'worker', version, connected, processes: this.#processes.size, slots };
  }

  /** Asks all processes how they are. */
  async view(): Promise<WorkerView> {
    await Promise.all([...this.#processes].map((each) => each.poll(pollTimeoutMs)));
    return {
      reports: [...this.#processes].flatMap(({ report }) => report ?? []),
      departed: this.#departed,
      processes: this.#processes.size,
      restarts: this.#restartCount,
      capCores: this.#options.start.capCores,
    };
  }

  async #end(graceMs: number | null): Promise<void> {
    this.#stopping = graceMs;
    for (const timer of this.#restarts.values()) clearTimeout(timer);
    this.#restarts.clear();
    for (const each of this.#processes) each.stop(graceMs);
    this.#checkFinished();
    await this.finished;
  }

  async #release(): Promise<void> {
    clearInterval(this.#memoryTimer);
    const { cap, log } = this.#options;
    await Promise.all([this.#beats.stop(), this.#guard.end()]);
    if (cap && !(await cap.remove()))
      log(`${cap.folders.join(' and ')} can't be removed: something that a job started is still in it`);
  }

  /** Process number `number`, whether it is the first of that number or another one died. */
  #fork(number: number): Promise<void> {
    const share = this.#shares()[number]!;
    const wid = randomBytes(8).toString('hex');
    const { start, flags, log, cap } = this.#options;
    const made = new ProcessHandle({
      start: { ...start, ...share, type: 'start', wid, group: this.#group },
      ...(flags ? { flags } : {}),
      log,
      onSettings: (wanted) => this.configure(wanted),
    });
    this.#processes.add(made);
    this.#numbered.set(number, made);
    this.#guard.watch(this.pids);
    if (made.pid !== undefined) this.capFailure ??= cap?.add(made.pid) ?? null;
    if (this.#quiet) made.quiet();
    if (this.#stopping !== undefined) made.stop(this.#stopping);
    void made.gone.then((end) => this.#ended(made, number, end));
    return made.ready;
  }

  #ended(process: ProcessHandle, number: number, { wasReady, orderly, cause }: ProcessEnd): void {
    this.#processes.delete(process);
    this.#guard.watch(this.pids);
    if (process.report) this.#departed.add(process.report);
    const had = this.#numbered.get(number) === process;
    if (had) this.#numbered.delete(number);
    if (wasReady && !orderly && this.#stopping === undefined) this.#died(process, had ? number : null, cause);
    this.#checkFinished();
  }

  /** `number` null: it had been told to leave. */
  #died({ unanswered }: ProcessHandle, number: number | null, cause: string): void {
    const held = unanswered === 1 ? '1 job' : `${unanswered} jobs`;
    this.#options.log(
      `a worker process died (${cause}); the ${held} that it held come back when their reservations end` +
        (number === null ? '' : '; starting another'),
    );
    if (number === null) return;
    this.#restartCount++;
    this.#startLater(number);
  }

  #startLater(number: number): void {
    const timer = setTimeout(() => void this.#startAgain(number), restartAfterMs);
    this.#restarts.set(number, timer);
  }

  async #startAgain(number: number): Promise<void> {
    const timer = this.#restarts.get(number);
    try {
      if (number < this.#shares().length) await this.#fork(number);
    } catch (error) {
      this.#options.log((error as Error).message);
      if (this.#stopping === undefined) this.#startLater(number);
    }
    if (this.#restarts.get(number) === timer) this.#restarts.delete(number);
    this.#checkFinished();
  }

  /** Of the task as it is now, bounded while memory is short. */
  #shares(): ProcessShare[] {
    const ceilings = this.#ceilings;
    return shareOut(this.#task).map((share, number) => ({
      ...share,
      slots: Math.min(share.slots, ceilings?.get(number) ?? Number.POSITIVE_INFINITY),
    }));
  }

  #applyTask(): void {
    const shares = this.#shares();
    for (const [number, process] of this.#numbered) {
      if (number < shares.length) continue;
      this.#numbered.delete(number);
      process.stop(null);
    }
    for (const [number, { slots, queues, limits }] of shares.entries()) {
      const process = this.#numbered.get(number);
      if (process) process.tell({ type: 'change', change: { slots, queues, limits } });
      else if (!this.#restarts.has(number)) void this.#startNow(number);
    }
  }

  async #startNow(number: number): Promise<void> {
    try {
      await this.#fork(number);
    } catch (error) {
      this.#options.log((error as Error).message);
      if (this.#stopping === undefined) this.#startLater(number);
    }
  }

  #watchMemory(): void {
    const { memoryBytes = null, memoryLimitBytes = null } = this.#options.memory?.() ?? {};
    const limitShare = memoryBytes !== null && memoryLimitBytes !== null ? memoryBytes / memoryLimitBytes : 0;
    const heapShare = Math.max(0, ...[...this.#processes].map(({ report }) => report?.heapShare ?? 0));
    if (!this.#memoryGuard.judge(Math.max(limitShare, heapShare))) return;
    const what = heapShare > limitShare ? 'of what a process may use for JavaScript' : 'of its limit';
    const share = `${Math.round(Math.max(limitShare, heapShare) * 100)}% ${what}`;
    if (this.#memoryGuard.short) {
      this.#ceilings = new Map(
        [...this.#numbered].map(([number, { report }]) => [number, Math.max(1, report?.status.slots.running ?? 1)]),
      );
      this.#options.log(
        `memory is short, ${share} are in use: no more jobs run at a time than do now, until there is room`,
      );
    } else {
      this.#ceilings = null;
      this.#options.log(`memory is free again, ${share} are in use: ${this.#task.slots} slots as before`);
    }
    this.#applyTask();
  }

  #checkFinished(): void {
    if (this.#processes.size === 0 && this.#restarts.size === 0) this.#settleFinished();
  }
}
