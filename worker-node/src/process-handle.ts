// One worker process as its supervisor sees it.
//
//   forked ──ready──▶ working ──(stop, or the job server says terminate)──▶ ended in good order
//      └───────────────┴──────────────────────────────────────────────────▶ died
//
// Invariant: `gone` settles once, whatever its end; after it nothing is sent and nobody waits for a report.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { JobstormError } from '@jobstorm/protocol';
import type { FromProcess, ProcessReport, StartMessage, ToProcess } from './messages.ts';

/** A small young generation keeps thousands of sleeping slots under 100 MB; the hot path hardly notices. */
const heapFlags = ['--max-semi-space-size=4'];
const runsFromSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(runsFromSource ? './process.ts' : './worker-process.js', import.meta.url));

export interface ProcessEnd {
  /** It had become ready. */
  wasReady: boolean;
  /** It said that it ended. */
  orderly: boolean;
  /** A signal's name or `exit code N`. */
  cause: string;
}

export interface ProcessHandleOptions {
  start: StartMessage;
  /** Further flags for Node. */
  flags?: readonly string[];
  log: (message: string) => void;
}

export class ProcessHandle {
  readonly wid: string;
  /** Settles when it fetches jobs. @throws JobstormError with the process's own reason, or EPROCESS when it ended before */
  readonly ready: Promise<void>;
  readonly gone: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  #report: ProcessReport | null = null;
  #wasReady = false;
  #orderly = false;
  #waiters: (() => void)[] = [];

  constructor({ start, flags = [], log }: ProcessHandleOptions) {
    this.wid = start.wid;
    this.#child = fork(entry, {
      execArgv: [
        ...process.execArgv.filter((flag) => !flag.startsWith('--max-semi-space-size')),
        ...heapFlags,
        ...flags,
      ],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const failure = new Promise<never>((_, reject) => this.#hear(log, reject));
    const isReady = new Promise<void>((resolve) => {
      this.#child.on('message', (message: FromProcess) => message.type === 'ready' && resolve());
    });
    this.ready = Promise.race([isReady, failure]);
    this.ready.catch(() => {}); // Whoever waits for it hears of it.
    this.gone = this.#watchEnd();
    this.tell(start);
  }

  /** Undefined when none could be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What it told last; null: nothing yet. */
  get report(): ProcessReport | null {
    return this.#report;
  }

  tell(message: ToProcess): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Asks for a report with the phases. Settles when it came, the process has gone, or `timeoutMs` later: a handler may hold it. */
  poll(timeoutMs: number): Promise<void> {
    if (!this.#child.connected) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
      this.tell({ type: 'poll' });
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #hear(log: (message: string) => void, fail: (error: JobstormError) => void): void {
    const child = this.#child;
    child.on('message', (message: FromProcess) => {
      if (message.type === 'log') log(message.message);
      else if (message.type === 'failed') fail(new JobstormError(message.code, message.message));
      else if (message.type === 'ended') this.#orderly = true;
      else if (message.type === 'ready') this.#wasReady = true;
      else this.#reported(message);
    });
    child.on('error', (error) => {
      if (child.pid === undefined)
        fail(new JobstormError('EPROCESS', `no worker process could be started: ${error.message}`));
    });
    child.on('exit', (code, signal) =>
      fail(
        new JobstormError('EPROCESS', `a worker process ended before it was ready (${signal ?? `exit code ${code}`})`),
      ),
    );
  }

  #reported(report: ProcessReport): void {
    this.#report = { ...report, phases: report.phases ?? this.#report?.phases ?? null };
    if (report.phases !== null) this.#tellWaiters();
  }

  #watchEnd(): Promise<ProcessEnd> {
    const child = this.#child;
    return new Promise((resolve) => {
      const over = (cause: string) => {
        this.#tellWaiters();
        resolve({ wasReady: this.#wasReady, orderly: this.#orderly, cause });
      };
      child.once('exit', (code, signal) => over(signal ?? `exit code ${code}`));
      child.once('error', (error) => child.pid === undefined && over(error.message));
    });
  }

  #tellWaiters(): void {
    for (const tell of this.#waiters.splice(0)) tell();
  }
}
