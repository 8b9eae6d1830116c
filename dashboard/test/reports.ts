// What parts say, for tests: made with the real histograms, ledgers and series, so that it is what a worker would send.

import {
  type ApiSnapshot,
  type ContainerUsage,
  type DockerSnapshot,
  type Hello,
  Histogram,
  Ledger,
  type ProcessUsage,
  RateCounter,
  type RunTally,
  type WorkerSnapshot,
} from '@jobstorm/telemetry';

const usage: ProcessUsage = { cpuUs: 1000, rssBytes: 50_000_000, loopDelayP99Us: null };

export function helloOf(id: string, part: Hello['part'] = 'worker'): Hello {
  return {
    type: 'hello',
    part,
    id,
    host: 'here',
    pid: 7,
    version: '1.2.3',
    startedAtMs: 1,
    capCores: 2,
    group: `group of ${id}`,
  };
}

export function workerSnapshot(runs: RunTally[] = [], changes: Partial<WorkerSnapshot> = {}): WorkerSnapshot {
  return {
    type: 'worker',
    sentAtUs: 5_000_000,
    state: 'running',
    connected: true,
    slots: { total: 10, running: 1 },
    connections: 2,
    totals: { fetched: 0, completed: 0, failed: 0 },
    usage,
    runs,
    ...changes,
  };
}

export function apiSnapshot(changes: Partial<ApiSnapshot> = {}): ApiSnapshot {
  return {
    type: 'api',
    sentAtUs: 5_000_000,
    connected: true,
    totals: { requests: 3, accepted: 2, refused: 1, batches: 1 },
    waiting: 0,
    batchesInFlight: 0,
    phases: {},
    usage,
    ...changes,
  };
}

/** As the engine has a Faktory that was told to use 2 CPUs at most. */
export function containerUsage(changes: Partial<ContainerUsage> = {}): ContainerUsage {
  return {
    id: 'c0ffee',
    name: 'faktory',
    project: 'storm-server',
    service: 'faktory',
    image: 'contribsys/faktory:1.10.0',
    state: 'running',
    readAtMs: 1_000_000,
    cpuUs: 7_000_000,
    capCores: 2,
    periods: 100,
    throttledPeriods: 40,
    throttledUs: 300_000,
    memoryBytes: 60e6,
    memoryLimitBytes: null,
    networkRxBytes: 1000,
    networkTxBytes: 2000,
    blockReadBytes: 0,
    blockWriteBytes: 4096,
    ...changes,
  };
}

export function dockerSnapshot(containers: ContainerUsage[], changes: Partial<DockerSnapshot> = {}): DockerSnapshot {
  return {
    type: 'docker',
    sentAtUs: 5_000_000,
    unavailable: null,
    hostCores: 4,
    hostMemoryBytes: 8e9,
    containers,
    usage,
    ...changes,
  };
}

/** A worker's side of one run. */
export class WorkerRun {
  readonly ledger = new Ledger();
  readonly #run: string;
  readonly service = new Histogram();
  /** What was told of it; null: nothing yet. */
  #told: Histogram | null = null;
  readonly #series = new RateCounter();
  #firstFetchUs = 0;
  #lastAckUs = 0;
  failed = 0;
  retried = 0;

  constructor(run: string) {
    this.#run = run;
  }

  /** Acknowledged `seq` at `atUs`, after `serviceUs` in its handler. */
  done(seq: number, atUs = 1_000_000, serviceUs = 100): this {
    if (this.#firstFetchUs === 0) this.#firstFetchUs = atUs;
    this.#lastAckUs = atUs;
    if (this.ledger.mark(seq)) this.#series.add(atUs);
    this.service.record(serviceUs);
    return this;
  }

  /** As a worker tells it: whole the first time, then what changed. */
  tally(complete = false): RunTally {
    const whole = complete || this.#told === null;
    this.#told ??= new Histogram();
    const changes = this.service.changesSince(this.#told);
    const tally: RunTally = {
      run: this.#run,
      completed: this.ledger.count,
      failed: this.failed,
      retried: this.retried,
      duplicated: this.ledger.duplicated,
      unexpected: this.ledger.unexpected,
      firstFetchUs: this.#firstFetchUs,
      lastAckUs: this.#lastAckUs,
      phases: { service: whole ? this.service.toJSON() : changes },
      series: this.#series.toJSON(),
      pages: complete ? this.ledger.allPages() : this.ledger.changedPages(),
    };
    return tally;
  }

  snapshot(complete = false): WorkerSnapshot {
    return workerSnapshot([this.tally(complete)]);
  }
}

/** A worker's side of a run that has those numbers done. */
export function runOf(run: string, seqs: Iterable<number>): WorkerRun {
  const side = new WorkerRun(run);
  for (const seq of seqs) side.done(seq);
  return side;
}
