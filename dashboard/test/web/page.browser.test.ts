// The page in a real browser, on a real control room that is told real lines.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import type { Page } from 'playwright-core';
import { startControlRoom } from '../../src/server.ts';
import { helloOf, runOf } from '../reports.ts';
import { endOf, PageTest, sampleOf, textOf, trialOf } from './page-test.ts';

const hostile = `<img src=x onerror="document.title='taken'">`;

describe('the page in a browser', () => {
  const test = new PageTest();
  const points = (page: Page) => page.evaluate('document.querySelectorAll("svg .point, svg .best").length');
  const overflow = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

  it('shows a tuning as it goes: figures, trials, their plot; and all of it again after a reload', async () => {
    const server = await test.room();
    const { page, complaints } = await test.opened(server.url);
    assert.match(await textOf(page, '#idle'), /Try it: 10,000 jobs/);
    const tell = await test.run(server, 'r1');
    for (let at = 1; at <= 20; at++) tell(sampleOf(at));
    tell(trialOf(1, 9000));
    tell(trialOf(2, 17_000));
    tell(trialOf(3, null));
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
    tell(trialOf(3, 20_000));
    await page.locator('#trials tbody tr.best:has-text("20,000")').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('calls that trial the best so far which serves the goal best', async () => {
    const server = await test.room();
    const tell = await test.run(server, 'r1');
    tell(sampleOf(1));
    const goal = 'the highest rate a core';
    tell(trialOf(1, 9000, { goal, score: 4500 }));
    tell(trialOf(2, 17_000, { goal, score: 4250 }));
    const { page } = await test.opened(server.url);
    await page.locator('#trials tbody tr').nth(1).waitFor();
    assert.match(await textOf(page, '#strip'), /9,000best so far: 1,000 slots, 4 CPUs \(the highest rate a core\)/);
    assert.match(await textOf(page, '#trials tbody tr.best'), /^11,000/);
    tell(trialOf(3, 8000, { goal, score: 4600 }));
    await page.locator('#strip :text("best so far: 3,000 slots")').waitFor();
  });

  it('shows text of runs and hosts as text', async () => {
    const server = await test.room();
    server.room.accept({ ...helloOf('w'), host: hostile });
    server.room.update('w', runOf('r', [0, 1]).snapshot());
    const tell = await test.run(server, 'r1', `jobstorm tune ${hostile}`);
    const { page } = await test.opened(server.url);
    await page.locator('#workers tbody td:has-text("<img")').waitFor();
    tell(sampleOf(1));
    assert.match(await textOf(page, '#run-name'), /<img src=x/);
    assert.equal(await page.title(), 'jobstorm');
    assert.equal(await page.locator('img').count(), 0);
  });

  it('greys its figures when nothing is heard, says since when, and goes on by itself', async () => {
    const first = await startControlRoom({ host: '127.0.0.1', port: 0 });
    const { page } = await test.opened(first.url);
    await first.close();
    await page.locator('#live.stale:has-text("old: nothing heard since")').waitFor();
    assert.equal(await page.locator('#app.stale').count(), 1);
    const again = await test.room({ port: Number(new URL(first.url).port) });
    await page.locator('#live:not(.stale)').waitFor({ timeout: 15_000 });
    const tell = await test.run(again, 'r2');
    tell(sampleOf(1));
    await page.locator('#strip :text("completed")').waitFor();
  });

  it('opens a record, lays another over it, and deletes one', async () => {
    const server = await test.room();
    for (const id of ['r1', 'r2']) {
      const tell = await test.run(server, id);
      for (let at = 1; at <= 10; at++) tell(sampleOf(at));
      tell(endOf(970));
    }
    const { page, complaints } = await test.opened(server.url);
    await page.locator('#runs tbody tr').nth(1).waitFor();
    await page.locator('#runs tbody tr').nth(0).getByText('Open').click();
    await page.locator('#banner:has-text("This is a record")').waitFor();
    await page.locator('#runs tbody tr').nth(1).getByText('Lay over').click();
    await page.locator('#banner:has-text("Laid over it")').waitFor();
    assert.ok((await page.locator('.u-legend :text("completed (other)")').count()) > 0);
    await page.getByText('Back to now').click();
    await page.locator('#banner').waitFor({ state: 'hidden' });
    await page.locator('#runs tbody tr').nth(0).getByText('Delete').click();
    assert.equal(await page.locator('#runs tbody tr').count(), 2, 'one click deletes nothing');
    await page.locator('#runs tbody tr').nth(0).getByText('Really delete').click();
    await until('one record to be left', async () => (await page.locator('#runs tbody tr').count()) === 1);
    assert.deepEqual(complaints, []);
  });

  it('shows the last run on record when none goes on, after the room was started again', async (t) => {
    const runs = mkdtempSync(join(tmpdir(), 'jobstorm-page-'));
    t.after(() => rmSync(runs, { recursive: true, force: true }));
    const before = await startControlRoom({ host: '127.0.0.1', port: 0, runs });
    const tell = await test.run(before, 'r1');
    tell(sampleOf(1));
    tell({ type: 'end', result: { jobs: { completed: 4321, lost: 0 }, verdict: null, throughput: {} } });
    await until('it to be over', async () => (await (await fetch(`${before.url}/history`)).text()).includes('4321'));
    await before.close();
    const server = await test.room({ runs });
    const { page, complaints } = await test.opened(server.url);
    await page.locator('#strip :text("4,321")').waitFor();
    assert.equal(await page.locator('#idle').isVisible(), true);
    const next = await test.run(server, 'r2');
    next(sampleOf(1));
    await page.locator('#stage:has-text("running")').waitFor();
    assert.deepEqual(complaints, []);
  });

  it('says that a run was cut off when its generator has gone, and goes back to no such run', async () => {
    const server = await test.room();
    const { page } = await test.opened(server.url);
    const first = await test.run(server, 'r1');
    first({ type: 'stage', what: 'measuring', atS: 0, lengthS: 9 });
    first(sampleOf(1));
    await page.locator('#stage:has-text("measuring, 8.5 s left")').waitFor();
    first.leave();
    await page.locator('#stage:text-is("cut off")').waitFor();
    assert.equal(await page.locator('#idle').isVisible(), true);
    assert.equal(await page.locator('#progress').isVisible(), false);
    await test.record(server, 'r2', 1000);
    await page.locator('#run-name:has-text("perf-test r2")').waitFor();
    await page.locator('#stage:has-text("finished")').waitFor();
    await page.reload();
    await page.locator('#stage:has-text("finished")').waitFor();
    const cutOff = page.locator('#runs tr:has-text("was cut off")');
    await cutOff.getByText('Delete').click();
    await cutOff.getByText('Really delete').click();
    await cutOff.waitFor({ state: 'detached' });
  });

  it('asks for the token where there is one, and not again after a reload', async () => {
    const server = await test.room({ token: 'secret' });
    const page = await test.browser.newPage();
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
    const other = await test.browser.newPage();
    await other.goto(`${server.url}/#token=secret`);
    await other.locator('#live:text("live")').waitFor();
    assert.equal(new URL(other.url()).hash, '', 'the token leaves the address bar');
    await Promise.all([page.close(), other.close()]);
  });

  it('is cut nowhere at 800 pixels, light and dark', async () => {
    const server = await test.room();
    const tell = await test.run(server, 'r1');
    for (let at = 1; at <= 5; at++) tell(sampleOf(at));
    tell(trialOf(1, 9000));
    for (const dark of [false, true]) {
      const { page } = await test.opened(server.url, { width: 800, dark });
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
});
