// The processes of one worker. It starts them, passes on quiet and stop, and starts another when one dies.
//
//   starting ──(all ready)──▶ running ──stop()──▶ stopping ──(all ended, or killed after the grace)──▶ finished
//
// Invariant: no process outlives the supervisor (their channel closes with it), and slots of all processes add up to the plan's.
// It is finished when no process lives and none is about to be started.

import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { JobstormError } from '@jobstorm/protocol';
import type { FromProcess, StartMessage, ToProcess } from './messages.ts';

/** A small young generation keeps thousands of sleeping slots under 100 MB; the hot path hardly notices. */
const heapFlags = ['--max-semi-space-size=4'];
const restartAfterMs = 1000;
/** What a process may take beyond its grace to FAIL what still runs and hear the answers. */
const endingMs = 15_000;
const runsFromSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(runsFromSource ? './process.ts' : './worker-process.js', import.meta.url));

export interface SupervisorOptions {
  /** Slots of each process. */
  slots: readonly number[];
  start: Omit<StartMessage, 'type' | 'wid' | 'slots' | 'group'>;
  log: (message: string) => void;
}

export class Supervisor {
  /** Settles when all processes have ended in good order. */
  readonly finished: Promise<void>;
  readonly #options: SupervisorOptions;
  readonly #group = randomBytes(8).toString('hex');
  readonly #children = new Set<ChildProcess>();
  /** Each from the death of a process until another one fetches jobs. */
  readonly #restarts = new Set<NodeJS.Timeout>();
  #quiet = false;
  #stopping = false;
  #settleFinished!: () => void;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.finished = new Promise((resolve) => {
      this.#settleFinished = resolve;
    });
  }

  get pids(): number[] {
    return [...this.#children].map((child) => child.pid!);
  }

  /** Settles when every process fetches jobs. @throws JobstormError when one can't start, with its code; the others are ended */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#options.slots.map((slots) => this.#fork(slots)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Tells all processes to fetch no more; what runs goes on. */
  quiet(): void {
    this.#quiet = true;
    for (const child of this.#children) this.#tell(child, { type: 'quiet' });
  }

  /** Tells all processes to finish what runs; settles when they have ended. One that is stuck in a handler is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    this.#restarts.clear();
    for (const child of this.#children) this.#tell(child, { type: 'stop' });
    this.#checkFinished();
    const kill = setTimeout(() => this.#kill(), this.#options.start.graceMs + endingMs);
    await this.finished;
    clearTimeout(kill);
  }

  #kill(): void {
    for (const child of this.#children) {
      this.#options.log(
        `process ${child.pid} does not end, as a handler holds it: killed; its jobs come back when their reservations end`,
      );
      child.kill('SIGKILL');
    }
  }

  #fork(slots: number): Promise<void> {
    const child = fork(entry, {
      execArgv: [...process.execArgv.filter((flag) => !flag.startsWith('--max-semi-space-size')), ...heapFlags],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#children.add(child);
    const wid = randomBytes(8).toString('hex');
    this.#tell(child, { ...this.#options.start, type: 'start', wid, slots, group: this.#group });
    if (this.#quiet) this.#tell(child, { type: 'quiet' });
    if (this.#stopping) this.#tell(child, { type: 'stop' });
    return this.#watch(child, slots);
  }

  /** Settles when the process is ready; rejects when it ends before. */
  #watch(child: ChildProcess, slots: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let ready = false;
      let orderly = false;
      child.on('message', (message: FromProcess) => {
        if (message.type === 'log') this.#options.log(message.message);
        else if (message.type === 'failed') reject(new JobstormError(message.code, message.message));
        else if (message.type === 'ended') orderly = true;
        else {
          ready = true;
          resolve();
        }
      });
      child.on('error', (error) => {
        if (child.pid !== undefined) return;
        this.#children.delete(child);
        reject(new JobstormError('EPROCESS', `no worker process could be started: ${error.message}`));
        this.#checkFinished();
      });
      child.on('exit', (code, signal) => {
        this.#children.delete(child);
        reject(
          new JobstormError(
            'EPROCESS',
            `a worker process ended before it was ready (${signal ?? `exit code ${code}`})`,
          ),
        );
        if (ready && !orderly && !this.#stopping) this.#restart(slots, signal ?? `exit code ${code}`);
        this.#checkFinished();
      });
    });
  }

  #restart(slots: number, cause: string): void {
    this.#options.log(
      `a worker process died (${cause}); its jobs come back when their reservations end; starting another`,
    );
    this.#startLater(slots);
  }

  #startLater(slots: number): void {
    const timer = setTimeout(async () => {
      try {
        await this.#fork(slots);
      } catch (error) {
        this.#options.log((error as Error).message);
        if (!this.#stopping) this.#startLater(slots);
      }
      this.#restarts.delete(timer);
    }, restartAfterMs);
    this.#restarts.add(timer);
  }

  #checkFinished(): void {
    if (this.#children.size === 0 && this.#restarts.size === 0) this.#settleFinished();
  }

  #tell(child: ChildProcess, message: ToProcess): void {
    if (child.connected) child.send(message, () => {});
  }
}
