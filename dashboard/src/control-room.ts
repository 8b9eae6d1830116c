// The control room's core: who reports, what each said last, and the runs merged from it. No sockets in here; the clock is
// passed in. What it is given is valid already (message.ts).
//
//   accept(hello) ──▶ live ──▶ gone(id) ──▶ remembered as long as a run has its tally ──▶ forgotten
//                      ▲  │ update(id, snapshot)            │
//                      └──┘◀────── accept(hello), same id ──┘
//
// Invariants: at most MAX_RUNS runs and MAX_PARTS parts. A part's messages are cumulative, so taking the latest of each and
// adding them up counts nothing twice, also when a part comes back. A run once forgotten stays so: its parts send it for as
// long as they live, but only with the pages that changed since.

import { JobstormError } from '@jobstorm/protocol';
import {
  ClockEstimator,
  type ClockExchange,
  type ClockOffset,
  epochUs,
  type Hello,
  type SettingsAnswer,
  type SettingsMessage,
  type SettingsOutcome,
  type Snapshot,
  type WorkerSnapshot,
} from '@jobstorm/telemetry';
import { ContainerHosts } from './container-hosts.ts';
import { PollRound } from './poll-round.ts';
import type { Room, RoomListener } from './room.ts';
import { RunRecord } from './run-record.ts';
import { RunView } from './run-view.ts';
import { SettingsRelay } from './settings-relay.ts';
import type {
  ApiView,
  HostView,
  RoomStats,
  RunCounts,
  RunPart,
  RunPulse,
  RunSummary,
  ServerView,
  WorkerView,
} from './view.ts';
import { checkWanted } from './wanted-settings.ts';

const MAX_RUNS = 50;
const MAX_PARTS = 4096;
const MAX_FORGOTTEN = 1000;

/** How the core reaches a part. */
export interface PartLink {
  poll(): void;
  configure(message: SettingsMessage): void;
}

interface Part {
  hello: Hello;
  /** null: gone. */
  link: PartLink | null;
  seenAtMs: number;
  clock: ClockEstimator;
  settings: SettingsOutcome['inForce'] | null;
  worker: WorkerView['state'] | null;
  api: Pick<ApiView, 'state' | 'phases'> | null;
}

export interface ControlRoomOptions {
  /** Epoch milliseconds. */
  now?: () => number;
  maxRuns?: number;
  maxParts?: number;
}

export class ControlRoom implements Room {
  readonly #now: () => number;
  readonly #maxRuns: number;
  readonly #maxParts: number;
  readonly #parts = new Map<string, Part>();
  /** The run that moved last is the last one. */
  readonly #runs = new Map<string, RunRecord>();
  readonly #forgotten = new Set<string>();
  readonly #listeners = new Set<RoomListener>();
  readonly #poll = new PollRound();
  readonly #relay: SettingsRelay;
  readonly #hosts = new ContainerHosts();
  #server: ServerView | null = null;

  constructor({ now = Date.now, maxRuns = MAX_RUNS, maxParts = MAX_PARTS }: ControlRoomOptions = {}) {
    this.#now = now;
    this.#maxRuns = maxRuns;
    this.#maxParts = maxParts;
    this.#relay = new SettingsRelay(now);
  }

  /** A part has connected, perhaps again. @throws RangeError when there are too many */
  accept(hello: Hello, link: Partial<PartLink> = {}): void {
    const known = this.#parts.get(hello.id);
    if (!known && this.#parts.size >= this.#maxParts) throw new RangeError(`${this.#maxParts} parts are known already`);
    const said = known?.hello.part === hello.part ? known : { worker: null, api: null };
    this.#parts.set(hello.id, {
      seenAtMs: this.#now(),
      clock: new ClockEstimator(),
      settings: null,
      ...said,
      hello,
      link: { poll: () => {}, configure: () => {}, ...link },
    });
    if (hello.part === 'docker') this.#hosts.accept(hello, this.#now());
    this.#tell([]);
  }

  /** A part's latest snapshot. What comes from a part that is not connected is left out. */
  update(id: string, snapshot: Snapshot): void {
    const part = this.#parts.get(id);
    if (!part?.link) return;
    part.seenAtMs = this.#now();
    const changed = this.#take(id, part, snapshot);
    this.#tell(changed.map((run) => run.counts()));
    this.#poll.settle(id);
  }

  /** A part was asked for the time. */
  clock(id: string, exchange: ClockExchange): void {
    this.#parts.get(id)?.clock.add(exchange);
  }

  /** The clock of whoever asks is this one. */
  clockOffset(): ClockOffset {
    return { offsetUs: 0, errorUs: 0 };
  }

  /** The runs whose counts that changed. */
  #take(id: string, part: Part, snapshot: Snapshot): RunRecord[] {
    switch (snapshot.type) {
      case 'worker':
        return this.#updateWorker(id, part, snapshot);
      case 'docker':
        this.#hosts.update(id, snapshot, this.#now());
        return [];
      case 'api': {
        const { type: _, phases, ...state } = snapshot;
        part.api = { state, phases };
        return [];
      }
    }
  }

  #updateWorker(id: string, part: Part, { type: _, runs, ...state }: WorkerSnapshot): RunRecord[] {
    part.worker = state;
    const changed: RunRecord[] = [];
    for (const tally of runs) {
      if (this.#forgotten.has(tally.run)) continue;
      const run = this.#runs.get(tally.run) ?? new RunRecord(tally.run);
      if (!run.update(id, tally)) continue;
      changed.push(run);
      this.#runs.delete(run.run);
      this.#runs.set(run.run, run);
    }
    while (this.#runs.size > this.#maxRuns) this.#forget(this.#runs.keys().next().value!);
    return changed;
  }

  #forget(run: string): void {
    const parts = this.#runs.get(run)!.partIds;
    this.#runs.delete(run);
    if (this.#forgotten.size >= MAX_FORGOTTEN) this.#forgotten.delete(this.#forgotten.keys().next().value!);
    this.#forgotten.add(run);
    for (const id of parts) this.#forgetPart(id);
  }

  /** Unless it is connected or a run has its tally. */
  #forgetPart(id: string): void {
    if (this.#parts.get(id)?.link) return;
    for (const run of this.#runs.values()) if (run.hasPart(id)) return;
    this.#parts.delete(id);
  }

  /** A part's connection has ended. */
  gone(id: string): void {
    const part = this.#parts.get(id);
    if (!part?.link) return;
    part.link = null;
    this.#hosts.gone(id, this.#now());
    this.#forgetPart(id);
    this.#tell([]);
    this.#poll.settle(id);
    this.#relay.gone(id);
  }

  /** What a part says of the settings that it was told. */
  settled(id: string, { number, inForce, refusal }: SettingsAnswer): void {
    this.#relay.answered(id, number, { inForce, refusal });
    const part = this.#parts.get(id);
    if (!part) return;
    part.settings = inForce;
    this.#tell([]);
  }

  /** The job server's latest figures, from whoever asks it. */
  updateServer(view: ServerView): void {
    this.#server = view;
    this.#tell([]);
  }

  workers(): WorkerView[] {
    return this.#liveParts().filter((part) => part.part === 'worker');
  }

  apis(): ApiView[] {
    return this.#liveParts().filter((part) => part.part === 'api');
  }

  #liveParts(): (WorkerView | ApiView)[] {
    const views: (WorkerView | ApiView)[] = [];
    const nowUs = epochUs();
    for (const [id, { hello, link, seenAtMs, clock, settings, worker, api }] of this.#parts) {
      if (!link) continue;
      const view = { id, live: true, seenAtMs, hello, clock: clock.at(nowUs), settings };
      if (worker) views.push({ ...view, part: 'worker', state: worker });
      if (api) views.push({ ...view, part: 'api', ...api });
    }
    return views;
  }

  run(run: string): RunView | null {
    const record = this.#runs.get(run);
    return record ? new RunView(record.data((id) => this.#describe(id))) : null;
  }

  #describe(id: string): Omit<RunPart, 'id' | 'completed' | 'failed'> {
    const { hello, link, worker } = this.#parts.get(id)!;
    const { host, pid, group, capCores } = hello;
    const usage = { usage: worker?.usage ?? null, usageAtUs: worker?.sentAtUs ?? null };
    return { live: link !== null, host, pid, group, capCores, ...usage };
  }

  pulse(run: string): RunPulse | null {
    return this.#runs.get(run)?.pulse() ?? null;
  }

  runs(): RunCounts[] {
    return [...this.#runs.values()].map((run) => run.counts());
  }

  /** With percentiles, for live messages. */
  summaries(): RunSummary[] {
    return [...this.#runs.values()].map((run) => run.summary());
  }

  /** One run's; null: not known. */
  summary(run: string): RunSummary | null {
    return this.#runs.get(run)?.summary() ?? null;
  }

  hosts(): HostView[] {
    return this.#hosts.views(this.#now());
  }

  server(): ServerView | null {
    return this.#server;
  }

  stats(): RoomStats {
    return { parts: this.#liveParts(), runs: this.summaries(), server: this.#server, hosts: this.hosts() };
  }

  async poll(): Promise<void> {
    const asked = new Map<string, PartLink>();
    for (const [id, { link }] of this.#parts) if (link) asked.set(id, link);
    await this.#poll.start(asked.keys(), () => {
      for (const link of asked.values()) link.poll();
    });
  }

  async configure(id: string, wanted: unknown): Promise<SettingsOutcome> {
    const asked = new Map<string, PartLink>();
    let part: Hello['part'] = 'worker';
    for (const [own, { hello, link }] of this.#parts) {
      if (!link || (own !== id && hello.group !== id)) continue;
      asked.set(own, link);
      part = hello.part;
    }
    if (asked.size === 0) throw new JobstormError('ENOPART', 'no part of that id, and no worker, is connected now');
    const checked = checkWanted(part, wanted);
    const outcome = await this.#relay.ask(asked.keys(), (number) => {
      for (const link of asked.values()) link.configure({ type: 'settings', number, ...checked });
    });
    if (outcome) return outcome;
    throw new JobstormError(
      'ENOANSWER',
      'the part did not answer: a job may hold it, or it has ended; it may take them yet',
    );
  }

  subscribe(listener: RoomListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(runs: readonly RunCounts[]): void {
    for (const listener of this.#listeners) listener({ runs });
  }

  /** Settles a poll that is under way; nobody is told anything from now on. */
  close(): void {
    this.#listeners.clear();
    this.#poll.end();
    this.#relay.end();
  }
}
