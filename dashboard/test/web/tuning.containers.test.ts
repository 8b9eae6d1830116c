// The page on a cluster in containers, in a real browser: a tuning is started from it, steered, watched over a reload, opened again and
// compared; and what the page says while the Docker engine is away.

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Checkout, chromiumPath, freePort, startBrowser, until } from '@jobstorm/testkit';
import type { Browser, Page } from 'playwright-core';
import { startDockerStats } from '../../src/docker-stats.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const whyNot = chromiumPath() === null ? 'no Chromium was found (CONTRIBUTING.md says how to get one)' : false;

/** Stands in front of the engine's socket: while it is closed, the engine is gone for whoever asks here. */
class EngineDoor {
  readonly path = join(tmpdir(), `jobstorm-engine-${process.pid}.sock`);
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  async open(): Promise<void> {
    rmSync(this.path, { force: true });
    this.#server = createServer((from) => {
      const to = connect('/var/run/docker.sock');
      for (const [socket, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
      from.pipe(to).pipe(from);
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.path, resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve) ?? resolve(null));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    rmSync(this.path, { force: true });
  }
}

describe('the page on containers', { skip: whyNot }, () => {
  let checkout: Checkout;
  let ports: Record<string, string>;
  let browser: Browser;
  let page: Page;
  let token: string;
  const complaints: string[] = [];

  const jobstorm = async (...args: string[]) => {
    const { code, output } = await checkout.jobstorm(args, ports);
    assert.equal(code, 0, `jobstorm ${args.join(' ')}\n${output}`);
  };

  before(async () => {
    checkout = new Checkout(root);
    const free = await freePort(4);
    const names = ['FAKTORY_PORT', 'FAKTORY_WEB_PORT', 'API_PORT', 'DASHBOARD_PORT'];
    ports = Object.fromEntries(names.map((name, at) => [name, String(free + at)]));
    await jobstorm('up', 'server');
    await jobstorm('up', 'worker', '200', '1.0');
    token = /JOBSTORM_TOKEN=(.+)/.exec(readFileSync(join(checkout.dir, '.env'), 'utf8'))![1]!;
    browser = await startBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`http://127.0.0.1:${ports.DASHBOARD_PORT}/#token=${token}`);
    await page.locator('#live:text("live")').waitFor();
  });

  after(async () => {
    await browser?.close();
    await checkout?.jobstorm(['clean', '--yes'], ports);
    checkout?.remove();
  });

  const rows = (table: string) => page.locator(`#${table} tbody tr`);
  const field = (name: string) => page.locator(`#start-form [name="${name}"]`);
  /** Rows of trials that were measured, the oldest first, as they read. */
  const measured = async () =>
    (await rows('trials').allTextContents()).filter((text) => !text.includes('measuring')).reverse();

  it('starts a tuning, which shows its trials, and whose slots are changed while it goes', async () => {
    await page.click('#start');
    await field('command').selectOption('tune');
    for (const [name, value] of Object.entries({
      trials: '4',
      slots: '200:1600',
      'batch-size': '100',
      window: '1500ms',
    }))
      await field(name).fill(value);
    await field('settle').fill('300ms');
    await page.locator('#start-form button').click();
    await page.locator('#trial:has-text("trial 1 of ~4")').waitFor();
    await page.click('#edit');
    await page.locator('#edit-form [name="slots"][placeholder="400"]').waitFor();
    await page.fill('#edit-form [name="slots"]', '333');
    await page.locator('#trial:has-text("trial 2")').waitFor();
    await page.locator('#stage:has-text("measuring")').waitFor();
    await page.locator('#edit-form button').click();
    await page.locator('#message:has-text("slots 333")').waitFor();
    await page.locator('#marks li:has-text("→ 333 slots")').waitFor();
    await rows('trials').filter({ hasText: 'settings were changed meanwhile' }).waitFor();
    assert.ok((await measured()).length >= 1, 'a trial was measured before');
  });

  it('has all of it after a reload in mid-run, and goes on to the end', async () => {
    const [trials, marks] = [await measured(), await page.locator('#marks li').allTextContents()];
    await page.reload();
    await page.locator('#live:text("live")').waitFor();
    await until('the trials to be back', async () => (await measured()).length >= trials.length);
    assert.deepEqual((await measured()).slice(0, trials.length), trials);
    const again = await page.locator('#marks li').allTextContents();
    assert.deepEqual(again.slice(-marks.length), marks);
    assert.equal(await page.locator('#stop').isVisible(), true, 'it goes on');
    await page.locator('#stage:has-text("finished")').waitFor();
    assert.ok((await measured()).length > trials.length);
    assert.equal(await page.locator('#trials tr.best').count(), 1);
    assert.match((await page.locator('#strip').textContent()) ?? '', /0lost/);
  });

  it('opens that run again, and lays another one over it', async () => {
    await page.click('#start');
    await field('command').selectOption('perf-test');
    await field('jobs').fill('2000');
    await page.locator('#start-form button').click();
    await page.locator('#run-name:has-text("perf-test 2000")').waitFor();
    await page.locator('#stage:has-text("finished")').waitFor();
    const [latest, tuning] = [rows('runs').filter({ hasText: 'perf-test' }), rows('runs').filter({ hasText: 'tune' })];
    await tuning.getByText('Open').click();
    await page.locator('#run-name:has-text("jobstorm tune")').waitFor();
    assert.ok((await measured()).length >= 3);
    await latest.getByText('Lay over').click();
    await page.locator('#strip .rate .other:has-text("the other:")').waitFor();
    assert.ok((await page.locator('.u-legend :text("completed (other)")').count()) > 0);
    assert.deepEqual(complaints, []);
  });

  it('says that an engine is unavailable while it is gone, and shows its containers within 10 s of its return', async () => {
    const door = new EngineDoor();
    await door.open();
    const stats = await startDockerStats({
      control: `ws://127.0.0.1:${ports.DASHBOARD_PORT}`,
      engine: `unix://${door.path}`,
      alive: null,
      password: null,
      token,
      hostName: 'behind-the-door',
    });
    try {
      const container = page.locator(
        '#containers tr:has-text("behind-the-door"):has-text("faktory"):has-text("running")',
      );
      await container.waitFor();
      await door.close();
      await page
        .locator('#hosts:has-text("behind-the-door: containers are unavailable: no Docker engine answers")')
        .waitFor();
      await door.open();
      const well = page.locator('#hosts:not(:has-text("behind-the-door"))');
      await well.waitFor({ state: 'attached', timeout: 10_000 });
      await container.waitFor();
    } finally {
      await stats.stop();
      await door.close();
    }
  });
});
