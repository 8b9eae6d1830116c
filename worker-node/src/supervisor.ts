// The processes of one worker. It starts them, passes on quiet and stop, and starts another when one dies.
//
//   starting ──(all ready)──▶ running ──stop()──▶ stopping ──(all ended, or killed after the grace)──▶ finished
//
// Invariant: no process outlives the supervisor (their channel closes with it), and slots of all processes add up to the plan's.
// It is finished when no process lives and none is about to be started.

import { randomBytes } from 'node:crypto';
import type { CpuCap } from './cpu-cap.ts';
import type { StartMessage } from './messages.ts';
import { Departed, type WorkerView } from './metrics.ts';
import type { WorkerHealth } from './metrics-server.ts';
import { type ProcessEnd, ProcessHandle } from './process-handle.ts';
import { noLimits, type QueueLimits } from './queue-rules.ts';

const restartAfterMs = 1000;
/** What a process may take beyond its grace to FAIL what still runs and hear the answers. */
const endingMs = 15_000;
/** A process that a handler holds tells nothing; what it told last is shown then. */
const pollTimeoutMs = 1000;

export interface SupervisorOptions {
  /** Slots of each process. */
  slots: readonly number[];
  /** What holds for its queues, of each process, as `slots`. */
  limits: readonly QueueLimits[];
  start: Omit<StartMessage, 'type' | 'wid' | 'slots' | 'limits' | 'group'>;
  log: (message: string) => void;
  /** Every process is put into it, and it is removed in the end; null: nothing but their count bounds them. */
  cap?: CpuCap | null;
}

export class Supervisor {
  /** Settles when all processes have ended in good order. */
  readonly finished: Promise<void>;
  /** Why processes can't be put under the cap; null: they are, or there is none. */
  capFailure: string | null = null;
  readonly #options: SupervisorOptions;
  readonly #group = randomBytes(8).toString('hex');
  readonly #processes = new Set<ProcessHandle>();
  /** Each from the death of a process until another one fetches jobs. */
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #departed = new Departed();
  #restartCount = 0;
  #quiet = false;
  #stopping = false;
  #settleFinished!: () => void;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.finished = new Promise<void>((resolve) => {
      this.#settleFinished = resolve;
    }).then(() => this.#removeCap());
  }

  get pids(): number[] {
    return [...this.#processes].flatMap(({ pid }) => pid ?? []);
  }

  /** Settles when every process fetches jobs. @throws JobstormError when one can't start, with its code; the others are ended */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#options.slots.map((_, index) => this.#fork(index)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Tells all processes to fetch no more; what runs goes on. */
  quiet(): void {
    this.#quiet = true;
    for (const each of this.#processes) each.tell({ type: 'quiet' });
  }

  /** Tells all processes to finish what runs; settles when they have ended. One that is stuck in a handler is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    this.#restarts.clear();
    for (const each of this.#processes) each.tell({ type: 'stop' });
    this.#checkFinished();
    const kill = setTimeout(() => this.#kill(), this.#options.start.graceMs + endingMs);
    await this.finished;
    clearTimeout(kill);
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

  async #removeCap(): Promise<void> {
    const { cap, log } = this.#options;
    if (cap && !(await cap.remove()))
      log(`${cap.folders.join(' and ')} can't be removed: something that a job started is still in it`);
  }

  #kill(): void {
    for (const each of this.#processes) {
      this.#options.log(
        `process ${each.pid} does not end, as a handler holds it: killed; its jobs come back when their reservations end`,
      );
      each.kill();
    }
  }

  /** Process number `index`, whether it is the first of that number or another one died. */
  #fork(index: number): Promise<void> {
    const wid = randomBytes(8).toString('hex');
    const slots = this.#options.slots[index]!;
    const limits = this.#options.limits[index] ?? noLimits;
    const made = new ProcessHandle({
      start: { ...this.#options.start, type: 'start', wid, slots, limits, group: this.#group },
      log: this.#options.log,
    });
    this.#processes.add(made);
    if (made.pid !== undefined) this.capFailure ??= this.#options.cap?.add(made.pid) ?? null;
    if (this.#quiet) made.tell({ type: 'quiet' });
    if (this.#stopping) made.tell({ type: 'stop' });
    void made.gone.then((end) => this.#ended(made, index, end));
    return made.ready;
  }

  #ended(process: ProcessHandle, index: number, { wasReady, orderly, cause }: ProcessEnd): void {
    this.#processes.delete(process);
    if (process.report) this.#departed.add(process.report);
    if (wasReady && !orderly && !this.#stopping) this.#restart(index, cause);
    this.#checkFinished();
  }

  #restart(index: number, cause: string): void {
    this.#options.log(
      `a worker process died (${cause}); its jobs come back when their reservations end; starting another`,
    );
    this.#restartCount++;
    this.#startLater(index);
  }

  #startLater(index: number): void {
    const timer = setTimeout(async () => {
      try {
        await this.#fork(index);
      } catch (error) {
        this.#options.log((error as Error).message);
        if (!this.#stopping) this.#startLater(index);
      }
      this.#restarts.delete(timer);
    }, restartAfterMs);
    this.#restarts.add(timer);
  }

  #checkFinished(): void {
    if (this.#processes.size === 0 && this.#restarts.size === 0) this.#settleFinished();
  }
}
