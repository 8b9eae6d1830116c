// Runs the parts as plain processes, where no container engine answers: server-node in Faktory's place, api-service, dashboard
// and worker, each a detached process with a record in .jobstorm/parts and a log in .jobstorm/logs.
//
//   up:    lock ─▶ what runs with the same settings stays ─▶ ports free? ─▶ the rest: ended, started anew, healthy
//   down:  lock ─▶ worker ─▶ api, dashboard ─▶ server
//
// Invariant: only processes noted in this checkout's records are touched, and an `up` that fails leaves nothing of its own.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, JobstormError } from '@jobstorm/protocol';
import { askHealth } from '../../health.ts';
import { Interrupt } from '../../interrupt.ts';
import type { Engine, PartStatus, ServerPlan, ServerUp, Side, WorkerPlan, WorkerUp } from '../engine.ts';
import { NativeBoot } from './boot.ts';
import { printLogs } from './follow.ts';
import { withLock } from './lock.ts';
import { logText } from './log.ts';
import { type PartSpec, serverSpecs, workerSpec } from './plan.ts';
import { requireFreePorts } from './ports.ts';
import { endProcess, isRunning, leaveProcess } from './process.ts';
import { type NativePart, nativeParts, type PartRecord, PartRecords } from './records.ts';
import { statusOf } from './status.ts';

export interface NativeOptions {
  /** Where the server side listens, instead of where its secrets allow. */
  host?: string;
  graceMs?: Partial<Record<NativePart, number>>;
}

/** How long each may take over its end: a worker lets jobs finish for 25 s and hands them back, an api waits for its answers. */
const graceMs: Record<NativePart, number> = { worker: 45_000, api: 15_000, dashboard: 5000, server: 10_000 };
const connectTimeoutMs = 3500;
const tellAfterMs = 1000;
/** Who depends on others goes before them. */
const endingOrder: readonly (readonly NativePart[])[] = [['worker'], ['api', 'dashboard'], ['server']];
const sides: Record<Side, readonly NativePart[]> = {
  all: nativeParts,
  server: ['server', 'api', 'dashboard'],
  worker: ['worker'],
};
/** What `logs` takes, as where there are containers: `server` is the whole side. */
const named: Readonly<Record<string, readonly NativePart[]>> = {
  server: sides.server,
  faktory: ['server'],
  api: ['api'],
  dashboard: ['dashboard'],
  worker: ['worker'],
};

export class NativeEngine implements Engine {
  readonly kind = 'native';
  readonly #dir: string;
  readonly #records: PartRecords;
  readonly #tell: (line: string) => void;
  readonly #options: NativeOptions;

  /** `tell` hears what takes a while or has been done, a line each. */
  constructor(checkoutDir: string, tell: (line: string) => void, options: NativeOptions = {}) {
    this.#dir = join(checkoutDir, '.jobstorm');
    this.#records = new PartRecords(join(this.#dir, 'parts'));
    this.#tell = tell;
    this.#options = options;
  }

  async upServer(plan: ServerPlan): Promise<ServerUp> {
    const specs = serverSpecs(plan, this.#options.host);
    const lines = plan.embedded
      ? []
      : ['without containers server-node stands in for Faktory: it keeps jobs in memory, and no CPU limit holds it'];
    await this.#up(async (boot, signal) => {
      const due = specs.filter((spec) => !this.#runsAs(spec));
      if (due.length === 0) lines.push('server, dashboard and api run already with these settings');
      await requireFreePorts(plan.ports, due, (part) => this.#running(part)?.address ?? null);
      lines.push(
        ...(await this.#endAll(
          due.map(({ part }) => part),
          'to be started anew',
        )),
      );
      signal.throwIfAborted();
      const [server, ...others] = specs.filter((spec) => due.includes(spec));
      if (server) await this.#start(boot, server);
      await Promise.all(others.map((spec) => this.#start(boot, spec)));
    });
    return { lines };
  }

  async upWorker(plan: WorkerPlan): Promise<WorkerUp> {
    const spec = workerSpec(plan);
    const lines = await roomNotes(plan);
    const old = plan.rolling ? this.#running('worker') : null;
    if (old) {
      lines.push(...(await this.#roll(old, spec, plan)));
      return { lines };
    }
    await this.#up(async (boot, signal) => {
      if (this.#runsAs(spec)) {
        lines.push('the worker runs already with these settings');
        return;
      }
      // Nobody ends a worker that works for one that can't.
      await requireServer(plan);
      signal.throwIfAborted();
      lines.push(...(await this.#endAll(['worker'], 'to be started anew')));
      signal.throwIfAborted();
      await this.#start(boot, spec);
      lines.push(...saidAtStart(this.#log('worker')));
    });
    return { lines };
  }

  /** The old one stays when the new one can't be started. */
  async #roll(old: PartRecord, spec: PartSpec, plan: WorkerPlan): Promise<string[]> {
    let aside = old;
    await this.#up(async (boot, signal) => {
      await requireServer(plan);
      signal.throwIfAborted();
      aside = this.#records.setAside(old);
      try {
        await this.#start(boot, spec);
      } catch (error) {
        this.#records.putBack(aside);
        throw error;
      }
    });
    const lines = saidAtStart(this.#log('worker'));
    await this.#leave(aside);
    return lines;
  }

  /** Nothing holds it up: it leaves also when nobody waits for it any more. */
  async #leave(old: PartRecord): Promise<void> {
    const { leaveSignal } = await import('@jobstorm/worker-node');
    this.#tell(`worker (pid ${old.pid}) leaves when its jobs are done`);
    const interrupt = new Interrupt(() => {});
    try {
      await interrupt.race(leaveProcess(old, leaveSignal, interrupt.signal));
    } finally {
      interrupt.release();
    }
    this.#records.forget(old);
    this.#tell(`worker (pid ${old.pid}) has left`);
  }

  down(side: Side): Promise<string[]> {
    return withLock(this.#lock, this.#tell, () => this.#endAll(sides[side], null));
  }

  status(): Promise<PartStatus[]> {
    this.#forgetLeft();
    return Promise.all(this.#records.all().map(statusOf));
  }

  /** Those that have left while nobody waited for it. */
  #forgetLeft(): void {
    for (const record of this.#records.leaving('worker')) if (!isRunning(record)) this.#records.forget(record);
  }

  async logs(part: string | null, follow: boolean): Promise<number> {
    const wanted = part === null ? nativeParts : named[part];
    if (wanted === undefined) {
      throw new JobstormError(
        'EPART',
        `"${part}" is no part that runs without containers; expected ${Object.keys(named).join(', ')}`,
      );
    }
    const logs = wanted.map((known) => ({ name: known, path: this.#log(known) }));
    const some = logs.filter(({ path }) => logText(path) !== '');
    if (some.length === 0 && !follow) this.#tell('there is no log yet: nothing was started here');
    return printLogs({ logs: follow || some.length === 0 ? logs : some, follow, output: process.stdout });
  }

  async leftovers(): Promise<string[]> {
    const running = this.#records
      .all()
      .filter(isRunning)
      .map(({ part, pid }) => `${part} (pid ${pid}), running`);
    const logs = nativeParts.filter((part) => logText(this.#log(part)) !== '');
    return [...running, ...(logs.length === 0 ? [] : [`logs of ${logs.join(', ')} in .jobstorm/logs`])];
  }

  clean(): Promise<string[]> {
    return withLock(this.#lock, this.#tell, async () => {
      const leftovers = await this.leftovers();
      const done = await this.#endAll(nativeParts, null);
      rmSync(join(this.#dir, 'logs'), { recursive: true, force: true });
      rmSync(this.#records.dir, { recursive: true, force: true });
      return [...done, ...leftovers.filter((line) => line.startsWith('logs')).map((line) => `${line}: deleted`)];
    });
  }

  get #lock(): string {
    return join(this.#dir, 'native.lock');
  }

  #log(part: NativePart): string {
    return join(this.#dir, 'logs', `${part}.log`);
  }

  #running(part: NativePart): PartRecord | null {
    const record = this.#records.read(part);
    return record && isRunning(record) ? record : null;
  }

  #runsAs(spec: PartSpec): boolean {
    return this.#running(spec.part)?.settings === spec.settings;
  }

  /** One at a time; what it started is ended when it fails or is interrupted. */
  #up(work: (boot: NativeBoot, signal: AbortSignal) => Promise<void>): Promise<void> {
    return withLock(this.#lock, this.#tell, async () => {
      const boot = new NativeBoot({ dir: this.#dir, records: this.#records });
      const interrupt = new Interrupt(() => boot.kill());
      const working = work(boot, interrupt.signal);
      try {
        await interrupt.race(working);
      } catch (error) {
        await boot.undo();
        await working.catch(() => {}); // it may have been about to start another one
        throw error;
      } finally {
        interrupt.release();
      }
    });
  }

  async #start(boot: NativeBoot, spec: PartSpec): Promise<void> {
    const { pid, address } = await boot.start(spec);
    this.#tell(`${spec.part} started (pid ${pid})${address === null ? '' : ` at ${address}`}`);
  }

  /** In the order that loses nothing. Says what became of each; `why`: for those that are only replaced. */
  async #endAll(parts: readonly NativePart[], why: string | null): Promise<string[]> {
    const words: string[] = [];
    this.#forgetLeft();
    for (const group of endingOrder) {
      const records = group.filter((part) => parts.includes(part)).flatMap((part) => this.#records.of(part));
      const ended = records.map((record) => this.#end(record, why));
      words.push(...(await Promise.all(ended)));
    }
    return words;
  }

  async #end(record: PartRecord, why: string | null): Promise<string> {
    const { part, pid } = record;
    const limitMs = this.#options.graceMs?.[part] ?? graceMs[part];
    const doing = part === 'worker' ? 'to finish its jobs' : 'to end';
    const timer = setTimeout(
      () => this.#tell(`waiting for the ${part} ${doing}, up to ${limitMs / 1000} s`),
      tellAfterMs,
    );
    const how = await endProcess(record, limitMs).finally(() => clearTimeout(timer));
    this.#records.forget(record);
    const who = `${part} (pid ${pid})`;
    if (how === 'gone before') return `${who} had ended by itself; its log is .jobstorm/logs/${part}.log`;
    const suffix = why === null ? '' : ` ${why}`;
    const jobs = part === 'server' ? ', with the jobs in its memory' : '';
    return how === 'ended'
      ? `${who} ended${jobs}${suffix}`
      : `${who} did not end within ${limitMs / 1000} s and was killed${jobs}${suffix}`;
  }
}

/** @throws ConnectionError and the like, saying what to check */
async function requireServer({ host, port, password, tls }: WorkerPlan): Promise<void> {
  const client = await Client.connect({ address: { host, port, password, ...(tls ? { tls } : {}) }, connectTimeoutMs });
  await client.close();
}

async function roomNotes({ control }: WorkerPlan): Promise<string[]> {
  if ((await askHealth(control.replace(/^ws/, 'http'), 'dashboard')) !== null) return [];
  return [`no control room answers at ${control}: the worker is not seen on a dashboard until one does`];
}

/** What a worker says about itself when it starts: its slots and processes, and what it could not have as asked for. */
function saidAtStart(log: string): string[] {
  const [, ...lines] = logText(log).split('\n');
  return lines.filter((line) => line.startsWith('jobstorm worker: ')).map((line) => line.slice('jobstorm '.length));
}
