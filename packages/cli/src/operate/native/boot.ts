// Starts parts as detached processes and waits until each does its work. Belongs to one `up`.
//
//   start(spec) ──▶ spawned, noted ──▶ its probe answers ──▶ settled
//                                  └── it ends, or 30 s are over ──▶ rejected with the last lines of its log
//
// Invariant: `undo` ends everything that this one has started and nothing else; after it, nothing more is started.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, JobstormError } from '@jobstorm/protocol';
import { askHealth } from '../../health.ts';
import { lastLines, logText, startLog } from './log.ts';
import type { PartSpec } from './plan.ts';
import { endProcess, killGroup, startTicksOf } from './process.ts';
import type { PartRecord, PartRecords } from './records.ts';

export interface NativeBootOptions {
  /** .jobstorm, where parts run: no `.env` there that could add to what they are told. */
  dir: string;
  records: PartRecords;
}

const readyWithinMs = 30_000;
const lookEveryMs = 20;
const linesShown = 12;
const undoGraceMs = 5000;

/** As this process was started; a loader's bare name (`--import tsx`) would be looked up from the folder that parts run in. */
function nodeFlags(): string[] {
  const flags = process.execArgv;
  return flags.map((flag, at) => (flags[at - 1] === '--import' && /^\w/.test(flag) ? import.meta.resolve(flag) : flag));
}

/** Whether the part does its work. Never rejects. */
async function answers({ part, probe, password }: PartSpec, log: string): Promise<boolean> {
  if (probe.kind === 'log') return /^jobstorm worker: .* fetching from /m.test(logText(log));
  if (probe.kind === 'http') return (await askHealth(probe.origin, part))?.well === true;
  const { host, port } = probe;
  try {
    const client = await Client.connect({ address: { host, port, password }, connectTimeoutMs: 1000 });
    await client.close();
    return true;
  } catch {
    return false;
  }
}

interface Launched {
  child: ChildProcess;
  record: PartRecord;
  spec: PartSpec;
}

export class NativeBoot {
  readonly #options: NativeBootOptions;
  readonly #started: Launched[] = [];
  #over = false;

  constructor(options: NativeBootOptions) {
    this.#options = options;
  }

  /** Settles when it does its work. @throws JobstormError EPART with the last lines of its log */
  async start(spec: PartSpec): Promise<PartRecord> {
    if (this.#over) throw new JobstormError('EINTERRUPTED', 'interrupted');
    const launched = await this.#launch(spec);
    this.#started.push(launched);
    if (this.#over) this.kill();
    await this.#ready(launched);
    launched.child.removeAllListeners();
    return this.#learn(launched.record);
  }

  async #launch(spec: PartSpec): Promise<Launched> {
    const { dir, records } = this.#options;
    mkdirSync(dir, { recursive: true });
    const log = join(dir, 'logs', `${spec.part}.log`);
    const file = startLog(log);
    const child = spawn(process.execPath, [...nodeFlags(), spec.program, ...spec.args], {
      cwd: dir,
      env: spec.env,
      detached: true,
      stdio: ['ignore', file, file],
    });
    closeSync(file);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(new JobstormError('EPART', `the ${spec.part} could not be started: ${error.message}`)),
      );
    });
    child.unref();
    const { part, args, settings, address, probe } = spec;
    const pid = child.pid!;
    // One that has ended already is found out below.
    const startTicks = startTicksOf(pid) ?? '';
    const startedAt = new Date().toISOString();
    const record = { part, pid, startTicks, args, log, settings, address, probe, startedAt };
    records.write(record);
    return { child, record, spec };
  }

  /** A worker tells where it can be asked from now on. */
  #learn(record: PartRecord): PartRecord {
    const origin = /metrics at (http:\/\/\S+)\/metrics/.exec(logText(record.log))?.[1];
    if (record.probe.kind !== 'log' || origin === undefined) return record;
    const known: PartRecord = { ...record, probe: { kind: 'http', origin } };
    this.#options.records.write(known);
    return known;
  }

  async #ready({ child, record, spec }: Launched): Promise<void> {
    for (const untilMs = performance.now() + readyWithinMs; ; ) {
      if (child.exitCode !== null || child.signalCode !== null) {
        const how = child.signalCode ? `was ended by ${child.signalCode}` : `ended with exit code ${child.exitCode}`;
        throw this.#failure(record, `${how} before it was ready`);
      }
      if (await answers(spec, record.log)) return;
      if (performance.now() > untilMs) throw this.#failure(record, `was not ready within ${readyWithinMs / 1000} s`);
      await delay(lookEveryMs);
    }
  }

  #failure({ part, log }: PartRecord, how: string): JobstormError {
    const said = lastLines(log, linesShown).map((line) => `\n  ${line}`);
    const where = relative(dirname(this.#options.dir), log);
    const why =
      said.length === 0 ? `, and its log (${where}) is empty` : `; the end of its log (${where}):${said.join('')}`;
    return new JobstormError('EPART', `the ${part} ${how}${why}`);
  }

  /** Ends what was started, the last one first. */
  async undo(): Promise<void> {
    this.#over = true;
    for (const { record } of this.#started.toReversed()) {
      await endProcess(record, undoGraceMs);
      this.#options.records.forget(record);
    }
  }

  /** At once, for a second ctrl-C. */
  kill(): void {
    this.#over = true;
    for (const { record } of this.#started) {
      killGroup(record);
      this.#options.records.forget(record);
    }
  }
}
