// The page in a real browser, on a real control room that is told real lines.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startBrowser, until } from '@jobstorm/testkit';
import type { Browser, Page } from 'playwright-core';
import { WebSocket } from 'ws';
import { type ControlRoomServer, type ControlRoomServerOptions, startControlRoom } from '../../src/server.ts';
import { helloOf, runOf } from '../reports.ts';

const hostile = `<img src=x onerror="document.title='taken'">`;

function header(id: string) {
  const run = { id, startedAt: '2026-11-27T20:00:00.000Z', command: `jobstorm tune ${hostile}` };
  return { type: 'header', streamVersion: 1, intervalS: 0.5, run, config: { rate: 1000 }, environment: {} };
}

function sample(at: number) {
  const part = { usedCores: 1.2, capCores: 2, throttledShare: 0.1, rssBytes: 1e8, handles: 20 };
  return {
    type: 'sample',
    atS: at / 2,
    lengthS: 0.5,
    counts: { submitted: 500, completed: 480 + at, failed: 1, accepted: 500 },
    latencyUs: { p50: 9000, p95: 20_000, p99: 30_000 + at, max: 50_000, count: 480 },
    queueDepth: 100 + at,
    oldestJobS: at,
    network: { inPerS: 2_500_000 + at, outPerS: 1_250_000 },
    slots: { total: 2000, running: 900 },
    parts: { workers: part, server: part, api: part, generator: part },
  };
}

function trial(number: number, ratePerS: number | null, forGoal: { goal?: string; score?: number } = {}) {
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

describe('the page in a browser', () => {
  let browser: Browser;
  const cleanups: (() => unknown)[] = [];

  before(async () => {
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  async function started(options: Partial<ControlRoomServerOptions> = {}): Promise<ControlRoomServer> {
    const server = await startControlRoom({ host: '127.0.0.1', port: 0, ...options });
    cleanups.push(server.close);
    return server;
  }

  async function feed({ url }: ControlRoomServer, run: string) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/feed`);
    cleanups.push(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'feed', run }));
    let number = 0;
    return (line: object) => socket.send(JSON.stringify({ type: 'line', number: number++, line }));
  }

  async function opened(url: string, { width = 1280, dark = false } = {}) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme: dark ? 'dark' : 'light' });
    cleanups.push(() => page.close());
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(url);
    await page.locator('#live:text("live")').waitFor();
    return { page, complaints };
  }

  const textOf = async (page: Page, selector: string) => (await page.locator(selector).textContent()) ?? '';
  const points = (page: Page) => page.evaluate('document.querySelectorAll("svg .point, svg .best").length');
  const overflow = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  it('shows a tuning as it goes: figures, trials, their plot; and all of it again after a reload', async () => {
    const server = await started();
    const { page, complaints } = await opened(server.url);
    assert.match(await textOf(page, '#idle'), /Try it: 10,000 jobs/);
    const tell = await feed(server, 'r1');
    tell(header('r1'));
    for (let at = 1; at <= 20; at++) tell(sample(at));
    tell(trial(1, 9000));
    tell(trial(2, 17_000));
    tell(trial(3, null));
    await page.locator('#trials tbody tr').nth(2).waitFor();
    assert.match(await textOf(page, '#trial'), /trial 3 of ~12/);
    assert.match(await textOf(page, '#strip'), /best so far: 2,000 slots, 4 CPUs/);
    assert.match(await textOf(page, '#trials tbody tr.best'), /^22,000.*17,000/);
    assert.match(await textOf(page, '#trials tbody tr:first-child'), /measuring/);
    assert.match(await textOf(page, '.plot >> nth=2 >> small'), /jobs waiting, the oldest for 20\.0 s/);
    const network = page.locator('.plot', { hasText: 'Network' });
    assert.ok(await network.isVisible());
    assert.equal(await network.locator('.u-legend .u-series:not([hidden])').count(), 2);
    assert.equal(await points(page), 2);
    assert.equal(await page.locator('#idle').isVisible(), false);
    await page.reload();
    await page.locator('#trials tbody tr').nth(2).waitFor();
    assert.equal(await points(page), 2);
    assert.match(await textOf(page, '#elapsed'), /10\.0 s/);
    tell(trial(3, 20_000));
    await page.locator('#trials tbody tr.best:has-text("20,000")').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('calls that trial the best so far which serves the goal best', async () => {
    const server = await started();
    const tell = await feed(server, 'r1');
    tell(header('r1'));
    tell(sample(1));
    const goal = 'the highest rate a core';
    tell(trial(1, 9000, { goal, score: 4500 }));
    tell(trial(2, 17_000, { goal, score: 4250 }));
    const { page } = await opened(server.url);
    await page.locator('#trials tbody tr').nth(1).waitFor();
    assert.match(await textOf(page, '#strip'), /9,000best so far: 1,000 slots, 4 CPUs \(the highest rate a core\)/);
    assert.match(await textOf(page, '#trials tbody tr.best'), /^11,000/);
    tell(trial(3, 8000, { goal, score: 4600 }));
    await page.locator('#strip :text("best so far: 3,000 slots")').waitFor();
  });

  it('shows text of runs and hosts as text', async () => {
    const server = await started();
    server.room.accept({ ...helloOf('w'), host: hostile });
    server.room.update('w', runOf('r', [0, 1]).snapshot());
    const tell = await feed(server, 'r1');
    tell(header('r1'));
    const { page } = await opened(server.url);
    await page.locator('#workers tbody td:has-text("<img")').waitFor();
    assert.match(await textOf(page, '#run-name'), /<img src=x/);
    assert.equal(await page.title(), 'jobstorm');
    assert.equal(await page.locator('img').count(), 0);
  });

  it('greys its figures when nothing is heard, says since when, and goes on by itself', async () => {
    const first = await startControlRoom({ host: '127.0.0.1', port: 0 });
    const { page } = await opened(first.url);
    await first.close();
    await page.locator('#live.stale:has-text("old: nothing heard since")').waitFor();
    assert.equal(await page.locator('#app.stale').count(), 1);
    const again = await started({ port: Number(new URL(first.url).port) });
    await page.locator('#live:not(.stale)').waitFor({ timeout: 15_000 });
    const tell = await feed(again, 'r2');
    tell(header('r2'));
    tell(sample(1));
    await page.locator('#strip :text("completed")').waitFor();
  });

  it('opens a record, lays another over it, and deletes one', async () => {
    const server = await started();
    for (const id of ['r1', 'r2']) {
      const tell = await feed(server, id);
      tell(header(id));
      for (let at = 1; at <= 10; at++) tell(sample(at));
      tell({
        type: 'end',
        result: { jobs: { completed: 5000, lost: 0 }, verdict: null, throughput: { completePerS: 970 } },
      });
    }
    const { page, complaints } = await opened(server.url);
    await page.locator('#runs tbody tr').nth(1).waitFor();
    await page.locator('#runs tbody tr').nth(0).getByText('Open').click();
    await page.locator('#banner:has-text("This is a record")').waitFor();
    await page.locator('#runs tbody tr').nth(1).getByText('Lay over').click();
    await page.locator('#banner:has-text("Laid over it")').waitFor();
    assert.ok((await page.locator('.u-legend :text("completed (other)")').count()) > 0);
    await page.getByText('Back to now').click();
    await page.locator('#banner').waitFor({ state: 'hidden' });
    await page.locator('#runs tbody tr').nth(0).getByText('Delete').click();
    await until('one record to be left', async () => (await page.locator('#runs tbody tr').count()) === 1);
    assert.deepEqual(complaints, []);
  });

  it('shows the last run on record when none goes on, after the room was started again', async (t) => {
    const runs = mkdtempSync(join(tmpdir(), 'jobstorm-page-'));
    t.after(() => rmSync(runs, { recursive: true, force: true }));
    const before = await startControlRoom({ host: '127.0.0.1', port: 0, runs });
    const tell = await feed(before, 'r1');
    tell(header('r1'));
    tell(sample(1));
    tell({ type: 'end', result: { jobs: { completed: 4321, lost: 0 }, verdict: null, throughput: {} } });
    await until('it to be over', async () => (await (await fetch(`${before.url}/history`)).text()).includes('4321'));
    await before.close();
    const server = await started({ runs });
    const { page, complaints } = await opened(server.url);
    await page.locator('#strip :text("4,321")').waitFor();
    assert.equal(await page.locator('#idle').isVisible(), true);
    const next = await feed(server, 'r2');
    next(header('r2'));
    next(sample(1));
    await page.locator('#stage:has-text("running")').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('asks for the token where there is one, and not again after a reload', async () => {
    const server = await started({ token: 'secret' });
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.locator('#entry-state:has-text("asks for its token")').waitFor();
    await page.fill('#token', 'wrong');
    await page.click('#entry button');
    await page.locator('#entry-state:has-text("not the token")').waitFor();
    await page.fill('#token', 'secret');
    await page.click('#entry button');
    await page.locator('#live:text("live")').waitFor();
    await page.reload();
    await page.locator('#live:text("live")').waitFor();
    const other = await browser.newPage();
    await other.goto(`${server.url}/#token=secret`);
    await other.locator('#live:text("live")').waitFor();
    assert.equal(new URL(other.url()).hash, '', 'the token leaves the address bar');
    await Promise.all([page.close(), other.close()]);
  });

  it('is cut nowhere at 800 pixels, light and dark', async () => {
    const server = await started();
    const tell = await feed(server, 'r1');
    tell(header('r1'));
    for (let at = 1; at <= 5; at++) tell(sample(at));
    tell(trial(1, 9000));
    for (const dark of [false, true]) {
      const { page } = await opened(server.url, { width: 800, dark });
      await page.locator('#trials tbody tr.best').waitFor();
      assert.equal(await overflow(page), 0);
      const boxes = await Promise.all(
        ['.plot >> nth=0', '.plot >> nth=1', '#trial-list', '.plot >> nth=2'].map((each) =>
          page.locator(each).boundingBox(),
        ),
      );
      // One below the other: rate, latency, the trials, the other plots.
      for (const [at, box] of boxes.slice(1).entries()) assert.ok(box!.y >= boxes[at]!.y + boxes[at]!.height);
      // Plots fill their frames, also after the window has changed.
      await page.setViewportSize({ width: 1280, height: 800 });
      const gaps = () =>
        page.evaluate(`[...document.querySelectorAll('.holder')].filter((each) => each.querySelector('.uplot')).map((each) =>
          Math.abs(each.getBoundingClientRect().bottom - each.querySelector('.uplot').getBoundingClientRect().bottom))`);
      await until('the plots to fill their frames', async () => {
        const found = (await gaps()) as number[];
        return found.length === 5 && found.every((gap) => gap < 12);
      });
    }
  });

  it('starts a run on a cluster of its own, shows it to its end, and keeps it', async () => {
    const server = await started();
    const { page, complaints } = await opened(server.url);
    await page.click('#try');
    await page.locator('#stage:has-text("finished")').waitFor({ timeout: 60_000 });
    assert.match(await textOf(page, '#strip'), /10,000completed/);
    assert.match(await textOf(page, '#strip'), /0lost/);
    assert.equal(await page.locator('#runs tbody tr').count(), 1);
    assert.deepEqual(complaints, []);
  });
});
