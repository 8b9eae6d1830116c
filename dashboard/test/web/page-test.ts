// What tests of the page are made of: a browser, control rooms, pages that look at them, and runs that are told to them as a generator
// would. Invariant: all of it is gone after the tests of the `describe` that it was made in.

import { once } from 'node:events';
import { after, before } from 'node:test';
import { Reporter, type SettingsMessage } from '@jobstorm/telemetry';
import { startBrowser } from '@jobstorm/testkit';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { type ControlRoomServer, type ControlRoomServerOptions, startControlRoom } from '../../src/server.ts';
import { apiSnapshot, helloOf, workerSnapshot } from '../reports.ts';

/** Half a second of a run, the `at`th one. */
export function sampleOf(at: number, counts: Record<string, number> = {}) {
  const part = { usedCores: 1.2, capCores: 2, throttledShare: 0.1, rssBytes: 1e8, handles: 20 };
  return {
    type: 'sample',
    atS: at / 2,
    lengthS: 0.5,
    counts: { submitted: 500, accepted: 500, completed: 480 + at, failed: 0, ...counts },
    latencyUs: { p50: 9000, p95: 20_000, p99: 30_000 + at, max: 50_000, count: 480 },
    queueDepth: 100 + at,
    oldestJobS: at,
    network: { inPerS: 2_500_000 + at, outPerS: 1_250_000 },
    slots: { total: 2000, running: 900 },
    parts: { workers: part, server: part, api: part, generator: part },
  };
}

/** Of a tuning; `ratePerS` null: it goes on. */
export function trialOf(number: number, ratePerS: number | null, forGoal: { goal?: string; score?: number } = {}) {
  return {
    type: 'trial',
    number,
    of: 12,
    setting: { slots: number * 1000, cpus: 4, processes: 4, batchSize: 100, batchDelayMs: 100 },
    stage: 'ramp',
    why: 'twice the slots',
    state: ratePerS === null ? 'running' : 'measured',
    measured: ratePerS === null ? null : { ratePerS, usedCores: 3, p99Us: 40_000, bottleneck: 'slots' },
    intervalPerS: ratePerS === null ? null : [ratePerS * 0.97, ratePerS * 1.03],
    note: ratePerS === null ? '' : 'kept: the best so far',
    ...forGoal,
  };
}

/** Of a run that did so many jobs a second. */
export function endOf(perS: number) {
  const result = {
    jobs: { completed: 10 * perS, lost: 0 },
    throughput: { completePerS: perS },
    latencyUs: { endToEnd: { p50: 9000, p95: 20_000, p99: 30_000 } },
    precision: { completePerS: { low: perS * 0.99, high: perS * 1.01 }, latencyUs: null },
    verdict: null,
  };
  return { type: 'end', result };
}

/** Tells the next line. */
export interface Tell {
  (line: object): void;
  /** As one that was killed. */
  leave(): void;
}

export interface Opened {
  page: Page;
  /** What the browser complained of. */
  complaints: string[];
}

export class PageTest {
  browser!: Browser;
  readonly #cleanups: (() => unknown)[] = [];

  /** In a `describe`. */
  constructor() {
    before(async () => {
      this.browser = await startBrowser();
    });
    after(async () => {
      await this.browser?.close();
      for (const cleanup of this.#cleanups.reverse()) await cleanup();
    });
  }

  /** Has this done in the end. */
  add(cleanup: () => unknown): void {
    this.#cleanups.push(cleanup);
  }

  async room(options: Partial<ControlRoomServerOptions> = {}): Promise<ControlRoomServer> {
    const server = await startControlRoom({ host: '127.0.0.1', port: 0, ...options });
    this.add(server.close);
    return server;
  }

  async opened(url: string, { width = 1280, dark = false } = {}): Promise<Opened> {
    const colorScheme = dark ? 'dark' : 'light';
    const page = await this.browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    this.add(() => page.close());
    page.setDefaultTimeout(15_000);
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    await page.locator('#live:text("live")').waitFor();
    return { page, complaints };
  }

  /** A run that goes on. */
  async run({ url }: ControlRoomServer, id: string, command = `jobstorm perf-test ${id}`): Promise<Tell> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/feed`);
    this.add(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'feed', run: id }));
    let number = 0;
    const next = (line: object) => socket.send(JSON.stringify({ type: 'line', number: number++, line }));
    const tell: Tell = Object.assign(next, { leave: () => socket.terminate() });
    const run = { id, startedAt: '2026-11-27T20:00:00.000Z', command };
    tell({ type: 'header', streamVersion: 1, intervalS: 0.5, run, config: { rate: 1000 }, environment: {} });
    return tell;
  }

  /** A run that has ended: ten seconds, the second half of them twice as fast; in the third one five jobs fail. */
  async record(server: ControlRoomServer, id: string, perS: number, more: readonly object[] = []): Promise<void> {
    const tell = await this.run(server, id);
    for (let at = 1; at <= 20; at++)
      tell(sampleOf(at, { completed: at <= 10 ? perS / 2 : perS, failed: at === 5 ? 5 : 0 }));
    for (const line of [...more, endOf(perS)]) tell(line);
  }

  /** A worker that takes any slots but 13, and an api-service. */
  parts({ url }: ControlRoomServer): void {
    const inForce = { slots: 10, processes: 1 };
    const batches = { batchMaxSize: 100, batchMaxDelayMs: 50, batchAuto: true };
    const worker = new Reporter({
      url,
      hello: helloOf('w'),
      snapshot: () => workerSnapshot([], { slots: { total: inForce.slots, running: 1 } }),
      onSettings: ({ worker: wanted }: SettingsMessage) => {
        if (wanted?.slots === 13) return { inForce, refusal: '13 slots bring bad luck' };
        return { inForce: Object.assign(inForce, wanted), refusal: null };
      },
    });
    const api = new Reporter({
      url,
      hello: helloOf('a', 'api'),
      snapshot: () => apiSnapshot(),
      onSettings: ({ api: wanted }: SettingsMessage) => ({ inForce: Object.assign(batches, wanted), refusal: null }),
    });
    this.add(() => Promise.all([worker.close(), api.close()]));
  }
}

export const textOf = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).textContent()) ?? '';
