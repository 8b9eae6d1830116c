// Twenty workers and a docker-stats of fifty containers that report to a control room, as the real ones would, and a run that is told to
// it. What they say moves with each report, so that no page has nothing to draw.

import { once } from 'node:events';
import {
  type ContainerUsage,
  Histogram,
  Ledger,
  makeHello,
  RateCounter,
  Reporter,
  type WorkerSnapshot,
} from '@jobstorm/telemetry';
import { WebSocket } from 'ws';
import type { Nest } from './nest.ts';

const usage = () => ({
  cpuUs: Math.round(performance.now() * 700),
  rssBytes: 90e6 + Math.random() * 1e6,
  loopDelayP99Us: 900,
});
const run = 'crowd';
/** Numbers of jobs come round, so that ledgers have their size early: that grows with jobs and not with time. */
const numbers = 60_000;

/** One worker process: between two reports it does a few hundred jobs. */
class Voice {
  slots = 1000;
  readonly #ledger = new Ledger();
  readonly #service = new Histogram();
  readonly #endToEnd = new Histogram();
  readonly #series = new RateCounter();
  readonly #firstUs = Date.now() * 1000;
  readonly #step: number;
  #next: number;
  #done = 0;

  constructor(at: number, of: number) {
    this.#next = at;
    this.#step = of;
  }

  #work(): void {
    for (let job = 0; job < 300; job++) {
      this.#ledger.mark(this.#next);
      this.#next = (this.#next + this.#step) % numbers;
      this.#done++;
      this.#service.record(1000 + Math.floor(Math.random() * 500));
      this.#endToEnd.record(9000 + Math.floor(Math.random() * 20_000));
      this.#series.add(Date.now() * 1000);
    }
  }

  snapshot(complete: boolean): WorkerSnapshot {
    this.#work();
    const tally = {
      run,
      completed: this.#done,
      failed: 0,
      retried: 0,
      duplicated: 0,
      firstFetchUs: this.#firstUs,
      lastAckUs: Date.now() * 1000,
      phases: { service: this.#service.toJSON(), endToEnd: this.#endToEnd.toJSON() },
      series: this.#series.toJSON(),
      pages: complete ? this.#ledger.allPages() : this.#ledger.changedPages(),
    };
    return {
      type: 'worker',
      sentAtUs: Date.now() * 1000,
      state: 'running',
      connected: true,
      slots: { total: this.slots, running: Math.floor(Math.random() * this.slots) },
      connections: 4,
      totals: { fetched: this.#done, completed: this.#done, failed: 0 },
      usage: usage(),
      runs: [tally],
    };
  }
}

function container(at: number): ContainerUsage {
  const nowMs = Date.now();
  return {
    id: `c${at}`,
    name: `storm-worker-${at}`,
    project: 'storm',
    service: 'worker-service',
    image: 'storm-worker',
    state: 'running',
    readAtMs: nowMs,
    cpuUs: Math.round(nowMs * 500 * (1 + (at % 7) / 10)),
    capCores: 1,
    periods: Math.floor(nowMs / 100),
    throttledPeriods: Math.floor(nowMs / 1000),
    throttledUs: 0,
    memoryBytes: 80e6 + Math.random() * 1e6,
    memoryLimitBytes: 512e6,
    networkRxBytes: nowMs,
    networkTxBytes: nowMs,
    blockReadBytes: 0,
    blockWriteBytes: nowMs,
  };
}

export class Crowd {
  readonly workers: readonly Voice[];

  /** Connected once they have begun to report. */
  constructor(nest: Nest, url: string, { workers = 20, containers = 50 } = {}) {
    this.workers = Array.from({ length: workers }, (_, at) => new Voice(at, workers));
    const hello = (part: 'worker' | 'docker', id: string) =>
      makeHello({ part, id, host: `rack-${id}`, version: '0', capCores: 1, group: id });
    const reporters = this.workers.map(
      (voice, at) => new Reporter({ url, hello: hello('worker', `w${at}`), snapshot: (all) => voice.snapshot(all) }),
    );
    const docker = new Reporter({
      url,
      hello: hello('docker', 'd'),
      intervalMs: 1000,
      snapshot: () => ({
        type: 'docker',
        sentAtUs: Date.now() * 1000,
        unavailable: null,
        hostCores: 64,
        hostMemoryBytes: 256e9,
        containers: Array.from({ length: containers }, (_, at) => container(at)),
        usage: usage(),
      }),
    });
    nest.add(async () => {
      await Promise.all([...reporters, docker].map((reporter) => reporter.close()));
    });
  }
}

/** A run that is told line by line, at whatever pace. */
export class ToldRun {
  readonly id: string;
  #number = 0;
  #samples = 0;
  readonly #socket: WebSocket;

  private constructor(id: string, socket: WebSocket) {
    this.id = id;
    this.#socket = socket;
  }

  static async begin(nest: Nest, url: string, id: string): Promise<ToldRun> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/feed`);
    nest.add(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'feed', run: id }));
    const told = new ToldRun(id, socket);
    const startedAt = new Date().toISOString();
    told.#tell({
      type: 'header',
      streamVersion: 1,
      intervalS: 0.5,
      run: { id, startedAt, command: `jobstorm perf-test ${id}` },
    });
    return told;
  }

  #tell(line: object): void {
    this.#socket.send(JSON.stringify({ type: 'line', number: this.#number++, line }));
  }

  /** Half a second of it. */
  sample(): void {
    const at = ++this.#samples;
    const part = (usedCores: number) => ({ usedCores, capCores: 2, throttledShare: 0.05, rssBytes: 1e8, handles: 20 });
    const perS = 20_000 + 3000 * Math.sin(at / 40) + 800 * Math.random();
    this.#tell({
      type: 'sample',
      atS: at / 2,
      lengthS: 0.5,
      counts: {
        submitted: perS / 2,
        accepted: perS / 2,
        refused: 0,
        uncertain: 0,
        completed: perS / 2,
        failed: 0,
        retried: 0,
        duplicated: 0,
      },
      latencyUs: {
        p50: 9000,
        p95: 20_000 + 500 * Math.random(),
        p99: 30_000 + 5000 * Math.random(),
        max: 90_000,
        count: 10_000,
      },
      queueDepth: 2000 + Math.round(100 * Math.random()),
      slots: { total: 20_000, running: 9000 },
      parts: { workers: part(1.7), server: part(0.9), api: part(0.4), generator: part(0.2) },
    });
  }

  /** Settles when all of it was sent. */
  async end(): Promise<void> {
    const endToEnd = { p50: 9000, p90: 15_000, p95: 20_000, p99: 32_000, max: 90_000, count: 7e7 };
    this.#tell({
      type: 'end',
      result: {
        jobs: { completed: 7e7, failed: 0, lost: 0 },
        throughput: { completePerS: 20_000 },
        latencyUs: { endToEnd, service: endToEnd },
        verdict: {
          bottleneck: 'worker-cpu',
          evidence: ['workers used 1.9 of 2 cores'],
          advice: 'just worker 4000 4.0',
        },
        valid: true,
      },
    });
    await this.sent();
  }

  async sent(): Promise<void> {
    while (this.#socket.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
