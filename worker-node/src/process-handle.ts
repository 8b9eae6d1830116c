// One worker process as its supervisor sees it.
//
//   forked ──ready──▶ working ──(stop, or the job server says terminate)──▶ ended in good order
//      └───────────────┴───────────────────┴──────────────────────────────▶ died, or was killed as it did not end in time
//
// Invariant: `gone` settles once, whatever its end; after it nothing is sent, no timer runs and nobody waits for a report.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { JobstormError, type WorkerState } from '@jobstorm/protocol';
import type { SettingsOutcome } from '@jobstorm/telemetry';
import type { Beat } from './heartbeat.ts';
import type { FromProcess, ProcessReport, StartMessage, ToProcess, WantedSettings } from './messages.ts';
import { semiSpaceMb } from './semi-space.ts';

/** What it may take beyond its grace to FAIL what still runs and hear the answers. */
const endingMs = 15_000;
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
  /** The control room wants that of the whole worker, and told this process, which tells it what became of it. */
  onSettings: (wanted: WantedSettings) => SettingsOutcome;
}

export class ProcessHandle {
  readonly wid: string;
  /** Settles when it fetches jobs. @throws JobstormError with the process's own reason, or EPROCESS when it ended before */
  readonly ready: Promise<void>;
  readonly gone: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #log: (message: string) => void;
  #report: ProcessReport | null = null;
  #wasReady = false;
  #orderly = false;
  #waiters: (() => void)[] = [];
  /** What it was told to be. */
  #state: WorkerState = 'running';
  #killer: NodeJS.Timeout | null = null;

  constructor({ start, flags = [], log, onSettings }: ProcessHandleOptions) {
    this.wid = start.wid;
    this.#log = log;
    this.#child = fork(entry, {
      execArgv: [
        ...process.execArgv.filter((flag) => !flag.startsWith('--max-semi-space-size')),
        `--max-semi-space-size=${semiSpaceMb(start.slots)}`,
        ...flags,
      ],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const failure = new Promise<never>((_, reject) => this.#hear(onSettings, reject));
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

  /** Jobs that it had fetched and not answered for when it told last. */
  get unanswered(): number {
    if (this.#report === null) return 0;
    const { fetched, completed, failed } = this.#report.status.totals;
    return Math.max(0, fetched - completed - failed);
  }

  /** For the job server, by what is known of it here. */
  get beat(): Beat {
    const told = this.#report?.status;
    const state = this.#state === 'running' ? (told?.state ?? 'running') : this.#state;
    return { wid: this.wid, rssBytes: told?.usage.rssBytes ?? 0, state };
  }

  tell(message: Exclude<ToProcess, { type: 'quiet' | 'stop' }>): void {
    this.#send(message);
  }

  /** It shall fetch no more; what runs goes on. */
  quiet(): void {
    if (this.#state !== 'running') return;
    this.#state = 'quiet';
    this.#send({ type: 'quiet' });
  }

  /** It shall end when what runs is done; `graceMs` later at the latest, and one that is stuck in a handler is killed. Null: whenever that is. */
  stop(graceMs: number | null): void {
    this.#state = 'terminate';
    this.#send({ type: 'stop', graceMs });
    if (this.#killer) clearTimeout(this.#killer);
    this.#killer = graceMs === null ? null : setTimeout(() => this.#kill(), graceMs + endingMs);
  }

  /** The job server wants it in that state, and says so again and again. */
  obey(state: WorkerState, graceMs: number): void {
    if (state === 'quiet') this.quiet();
    else if (this.#state !== 'terminate') this.stop(graceMs);
  }

  #send(message: ToProcess): void {
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

  #kill(): void {
    this.#log(
      `process ${this.pid} does not end, as a handler holds it: killed; its jobs come back when their reservations end`,
    );
    this.#child.kill('SIGKILL');
  }

  #hear(onSettings: ProcessHandleOptions['onSettings'], fail: (error: JobstormError) => void): void {
    const child = this.#child;
    child.on('message', (message: FromProcess) => {
      if (message.type === 'log') this.#log(message.message);
      else if (message.type === 'settings')
        this.tell({ type: 'settled', number: message.number, outcome: onSettings(message) });
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
        if (this.#killer) clearTimeout(this.#killer);
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
