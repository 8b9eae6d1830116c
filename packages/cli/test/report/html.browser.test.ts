import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startBrowser } from '@jobstorm/testkit';
import type { Browser, Page } from 'playwright-core';
import { whole } from '../../src/format.ts';
import { htmlReport } from '../../src/report/html.ts';
import { anHour, recordedResult } from './long-run.ts';

const hostile = `"><img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;

describe('the HTML report in a browser', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-html-'));
  const timeline = anHour();
  let browser: Browser;

  before(async () => {
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Opens a report; what it complains of and what it asks for is kept. */
  async function opened(html: string, options: { width?: number; dark?: boolean } = {}) {
    const path = join(dir, 'report.html');
    writeFileSync(path, html);
    const page = await browser.newPage({
      viewport: { width: options.width ?? 1280, height: 800 },
      colorScheme: options.dark ? 'dark' : 'light',
    });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    return { page, complaints, requests };
  }

  const overflow = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  const background = (page: Page) => page.evaluate('getComputedStyle(document.body).backgroundColor');

  it('shows every plot of an hour, asks nobody for anything, and complains of nothing', async () => {
    const { page, complaints, requests } = await opened(
      htmlReport({ result: recordedResult(), samples: timeline.samples, marks: timeline.marks, startedAtMs: null }),
    );
    assert.equal(await page.locator('figure.plot').count(), 5);
    for (const id of ['rate', 'latency', 'queue', 'cpu']) {
      const path = await page.locator(`figure[data-plot=${id}] .chart path.line`).last().getAttribute('d');
      assert.ok((path ?? '').split('L').length > 500, id);
    }
    assert.equal(await page.locator('figure[data-plot=rate] .mark').count(), 2);
    const perS = `${whole(recordedResult().throughput.completePerS!)} jobs/s`;
    assert.ok(((await page.locator('main').textContent()) ?? '').includes(perS), perS);
    assert.deepEqual(complaints, []);
    assert.equal(requests.length, 1, requests.join());
    await page.close();
  });

  it('is dark where the reader’s system is, and fits 800 pixels', async () => {
    const html = htmlReport({
      result: recordedResult(),
      samples: timeline.samples,
      marks: timeline.marks,
      startedAtMs: null,
    });
    const light = await opened(html, { width: 800 });
    const dark = await opened(html, { width: 800, dark: true });
    assert.notEqual(await background(light.page), await background(dark.page));
    for (const { page } of [light, dark]) {
      assert.equal(await overflow(page), 0);
      await page.close();
    }
  });

  it('a cursor in one plot tells the figures of that moment in all of them', async () => {
    const { page } = await opened(
      htmlReport({ result: recordedResult(), samples: timeline.samples, marks: timeline.marks, startedAtMs: null }),
    );
    await page.locator('figure[data-plot=rate] .chart').hover();
    for (const id of ['rate', 'latency', 'queue', 'cpu']) {
      assert.match((await page.locator(`figure[data-plot=${id}] .when`).textContent()) ?? '', /^at \d+:\d\d min$/);
      assert.match((await page.locator(`figure[data-plot=${id}] .keys b`).last().textContent()) ?? '', /^\d/);
    }
    await page.close();
  });

  it('gives away each plot’s data as CSV and as JSON', async () => {
    const { page } = await opened(
      htmlReport({ result: recordedResult(), samples: timeline.samples, marks: timeline.marks, startedAtMs: null }),
    );
    const saved = async (as: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.locator(`figure[data-plot=latency] button[data-as=${as}]`).click(),
      ]);
      const path = join(dir, download.suggestedFilename());
      await download.saveAs(path);
      return readFileSync(path, 'utf8');
    };
    const lines = (await saved('csv')).trimEnd().split('\n');
    assert.equal(lines.length, timeline.samples.length + 1);
    assert.match(lines[0]!, /^"seconds","p50 \(.*\)","p95 /);
    assert.equal(Number(lines[1]!.split(',')[1]), timeline.samples[0]!.latencyUs!.p50);
    const json = JSON.parse(await saved('json'));
    assert.equal(json.p99.length, timeline.samples.length);
    await page.close();
  });

  it('runs nothing of what a job, a command or a reason says', async () => {
    const result = recordedResult();
    result.run.command = `jobstorm perf-test --jobtype ${hostile}`;
    result.verdict = { ...result.verdict, evidence: [hostile], advice: hostile };
    result.invalidBecause = [hostile];
    result.config.jobtype = hostile;
    const marks = [{ atS: 1, what: hostile }];
    const { page, complaints } = await opened(
      htmlReport({ result, samples: timeline.samples, marks, startedAtMs: null }),
    );
    assert.match(await page.title(), /^jobstorm r/);
    assert.equal(await page.locator('img').count(), 0);
    assert.match((await page.locator('.verdict').textContent()) ?? '', /<img src=x/);
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
