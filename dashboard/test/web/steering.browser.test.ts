// What can be done at the page, in a real browser, with real parts: settings changed while they run, records looked into, all of it
// by keyboard; and what it says while the job server is away.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { startServer } from '@jobstorm/server-node';
import { Reporter, type SettingsMessage } from '@jobstorm/telemetry';
import { startBrowser, until } from '@jobstorm/testkit';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { type ControlRoomServer, startControlRoom } from '../../src/server.ts';
import { apiSnapshot, helloOf, workerSnapshot } from '../reports.ts';

const part = { usedCores: 1.2, capCores: 2, throttledShare: 0.1, rssBytes: 1e8, handles: 20 };

function sample(at: number, perS: number, failed = 0) {
  return {
    type: 'sample',
    atS: at / 2,
    lengthS: 0.5,
    counts: { submitted: perS / 2, completed: perS / 2, failed },
    latencyUs: { p50: 9000, p95: 20_000, p99: 30_000 + at, max: 50_000, count: 480 },
    queueDepth: 100 + at,
    slots: { total: 2000, running: 900 },
    parts: { workers: part, server: part, api: part, generator: part },
  };
}

function result(perS: number) {
  return {
    jobs: { completed: 10 * perS, lost: 0 },
    throughput: { completePerS: perS },
    latencyUs: { endToEnd: { p50: 9000, p95: 20_000, p99: 30_000 } },
    precision: { completePerS: { low: perS * 0.99, high: perS * 1.01 }, latencyUs: null },
    verdict: null,
  };
}

describe('what can be done at the page', () => {
  let browser: Browser;
  const cleanups: (() => unknown)[] = [];

  before(async () => {
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  async function started(url: string | null = null): Promise<ControlRoomServer> {
    const server = await startControlRoom({ host: '127.0.0.1', port: 0, url });
    cleanups.push(server.close);
    return server;
  }

  async function opened(url: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    cleanups.push(() => page.close());
    page.setDefaultTimeout(15_000);
    await page.goto(url);
    await page.locator('#live:text("live")').waitFor();
    return page;
  }

  /** A run that has ended, told as its generator would. */
  async function record({ url }: ControlRoomServer, id: string, perS: number, more: readonly object[] = []) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/feed`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'feed', run: id }));
    const run = { id, startedAt: '2026-11-27T20:00:00.000Z', command: `jobstorm perf-test ${id}` };
    const samples = Array.from({ length: 20 }, (_, at) => sample(at + 1, at < 10 ? perS : 2 * perS, at === 4 ? 5 : 0));
    const lines = [{ type: 'header', run }, ...samples, ...more, { type: 'end', result: result(perS) }];
    for (const [number, line] of lines.entries()) socket.send(JSON.stringify({ type: 'line', number, line }));
    socket.close();
    await once(socket, 'close');
  }

  /** A run that goes on; what it returns tells the next line. */
  async function goOn({ url }: ControlRoomServer, id: string) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/feed`);
    cleanups.push(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'feed', run: id }));
    let number = 0;
    const tell = (line: object) => socket.send(JSON.stringify({ type: 'line', number: number++, line }));
    tell({ type: 'header', run: { id, startedAt: '2026-11-27T21:00:00.000Z', command: `jobstorm perf-test ${id}` } });
    return tell;
  }

  /** A worker that takes any slots but 13, and an api-service. */
  function parts({ url }: ControlRoomServer) {
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
    cleanups.push(() => Promise.all([worker.close(), api.close()]));
  }

  const focused = (page: Page) => page.evaluate('document.activeElement.id || document.activeElement.name');

  it('changes settings of parts that run, shows what is in force, and says what was refused', async () => {
    const server = await started();
    parts(server);
    const page = await opened(server.url);
    await page.locator('#workers td:text("1 of 10")').waitFor();
    await page.click('#edit');
    const field = (name: string, shown: string) => page.locator(`#edit-form [name="${name}"][placeholder="${shown}"]`);
    await field('slots', '10').fill('12');
    await field('batchMaxSize', '100').fill('200');
    await page.locator('#edit-form button').click();
    await page.locator('#message:text("worker on here: slots 12; api-service on here: batchMaxSize 200")').waitFor();
    await page.locator('#workers td:text("1 of 12")').waitFor();
    await field('batchMaxSize', '200').waitFor();
    await field('slots', '12').fill('13');
    await page.locator('#edit-form button').click();
    await page.locator('#message:text("13 slots bring bad luck")').waitFor();
    await page.locator('#workers td:text("1 of 12")').waitFor();
    await page.fill('#edit-form [name="slots"]', 'many');
    await page.locator('#edit-form button').click();
    assert.equal(await page.locator('#edit-form :invalid[name="slots"]').count(), 1, 'the form does not take it');
  });

  it('has a scrubber over a record, its changes in words, and what two runs differ by', async () => {
    const server = await started();
    await record(server, 'slow', 1000, [{ type: 'mark', atS: 5, what: 'worker on here: 10 → 20 slots' }]);
    await record(server, 'fast', 1500);
    const page = await opened(server.url);
    const row = (id: string) => page.locator(`#runs tr:has-text("perf-test ${id}")`);
    await row('slow').getByText('Open').click();
    await page.locator('#marks li:has-text("10 → 20 slots")').waitFor();
    await page.locator('#marks li:has-text("jobs fail: 1.0 %")').waitFor();
    await page.locator('#marks li:has-text("no job fails any more")').waitFor();
    const strip = page.locator('#strip .rate').first();
    assert.equal(await strip.textContent(), '1,000jobs/s, steady');
    await page.locator('#moment').focus();
    await page.keyboard.press('Home');
    await page.locator('#strip .rate:has-text("jobs/s at")').waitFor();
    assert.equal(await strip.textContent(), '1,000jobs/s at 0.5 s');
    for (let at = 0; at < 14; at++) await page.keyboard.press('ArrowRight');
    await page.locator('#strip .rate:text("2,000jobs/s at 7.0 s")').waitFor();
    const legend = page.locator('.u-legend tr:has-text("completed") .u-value').first();
    await until('the cursor of the plots to stand there too', async () => (await legend.textContent()) === '2,000');
    await page.keyboard.press('End');
    await page.locator('#strip .rate:text("1,000jobs/s, steady")').waitFor();
    await row('fast').getByText('Lay over').click();
    await page.locator('#strip .rate .other').waitFor();
    assert.equal(await page.locator('#strip .rate .other').textContent(), 'the other: +50 % (+47 % to +53 %)');
  });

  it('is worked by keyboard alone', async () => {
    const server = await started();
    parts(server);
    const page = await opened(server.url);
    await page.locator('#workers td:text("1 of 10")').waitFor();
    const reached: unknown[] = [];
    const tabTo = async (id: string) => {
      for (let at = 0; at < 30 && (await focused(page)) !== id; at++) {
        await page.keyboard.press('Tab');
        reached.push(await focused(page));
      }
      assert.equal(await focused(page), id, `reached ${reached.join(', ')}`);
    };
    await tabTo('start');
    await page.keyboard.press('Enter');
    assert.equal(await focused(page), 'command', 'the form that opens has the focus');
    await page.keyboard.type('tune');
    await page.locator('#start-form label:has-text("trials at most")').waitFor();
    await tabTo('window');
    await page.keyboard.type('no time');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#start-form :invalid[name="window"]').count(), 1);
    await tabTo('theme');
    const theme = () => page.evaluate('document.documentElement.dataset.theme');
    const before = await theme();
    await page.keyboard.press('Space');
    assert.notEqual(await theme(), before);
    await tabTo('order');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    assert.equal(outline, 'solid', 'the focus is seen');
  });

  it('leaves the focus where it is while figures go on', async () => {
    const server = await started();
    parts(server);
    await record(server, 'old', 1000);
    const page = await opened(server.url);
    await page.locator('#runs tr:has-text("perf-test old") button').first().focus();
    const tell = await goOn(server, 'new');
    const rates = new Set<string | null>();
    for (let at = 1; at <= 5; at++) {
      tell(sample(at, 1000 * at));
      await until('the figures to move', async () => {
        const shown = await page.locator('#strip .rate b').first().textContent();
        return !rates.has(shown) && rates.add(shown);
      });
    }
    const kept = await page.evaluate('document.activeElement.closest("tr")?.textContent');
    assert.match(String(kept), /perf-test old.*Open/, 'the button that had it');
    await page.keyboard.press('Enter');
    await page.locator('#run-name:has-text("perf-test old")').waitFor();
  });

  it('says that the job server is away, and goes on when it is back', async () => {
    let jobServer = await startServer({ host: '127.0.0.1', port: 0 });
    const { port } = jobServer;
    const server = await started(`tcp://127.0.0.1:${port}`);
    const page = await opened(server.url);
    await until('the room to know it', () => server.room.server()?.connected);
    await jobServer.close();
    const away = page.locator(`#banner:has-text("The job server tcp://127.0.0.1:${port} does not answer")`);
    await away.waitFor();
    assert.equal(await page.locator('#app.stale').count(), 0, 'the room itself is there');
    jobServer = await startServer({ host: '127.0.0.1', port });
    cleanups.push(() => jobServer.close());
    await away.waitFor({ state: 'hidden' });
  });
});
