// The page by keyboard alone: all that a mouse can do, in the order in which it is seen, and the focus is seen too.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import type { Page } from 'playwright-core';
import { PageTest, sampleOf, textOf, trialOf } from './page-test.ts';

/** What has the focus: its id, its name, or its words; where it stands; and whether it looks so. */
interface Focused {
  what: string;
  top: number;
  bottom: number;
  left: number;
  outlined: boolean;
}

const focused = (page: Page) =>
  page.evaluate(`(() => {
    const element = document.activeElement;
    const { top, bottom, left } = element.getBoundingClientRect();
    const what = element === document.body ? '' : element.id || element.name || element.ariaLabel || element.textContent;
    return { what, top: top + scrollY, bottom: bottom + scrollY, left, outlined: getComputedStyle(element).outlineStyle === 'solid' };
  })()`) as Promise<Focused>;

/** Presses the tab key until that has the focus. */
async function tabTo(page: Page, what: string): Promise<void> {
  const passed: string[] = [];
  for (let press = 0; press < 60; press++) {
    const at = await focused(page);
    if (at.what.startsWith(what)) return;
    passed.push(at.what.slice(0, 20));
    await page.keyboard.press('Tab');
  }
  assert.fail(`the tab key does not come to ${what}, but to ${passed.join(', ')}`);
}

/** All that the tab key comes to, from the top. */
async function round(page: Page): Promise<Focused[]> {
  const seen: Focused[] = [];
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (at.what === '' || at.what === seen[0]?.what) break; // it has left the page, or begins again
    seen.push(at);
  }
  return seen;
}

describe('the page by keyboard alone', () => {
  const test = new PageTest();

  for (const width of [1280, 800]) {
    it(`has its stops in the order in which they are seen, and shows where it is, at ${width} pixels`, async () => {
      const server = await test.room();
      test.parts(server);
      await test.record(server, 'r1', 1000, [trialOf(1, 9000), trialOf(2, 17_000)]);
      const { page } = await test.opened(server.url, { width });
      await page.locator('#runs tbody tr:has-text("r1") button').first().waitFor();
      await page.locator('#trials tr.best').waitFor();
      const stops = await round(page);
      assert.ok(stops.length >= 12, `${stops.length} stops`);
      for (const what of [
        'start',
        'edit',
        'theme',
        'try',
        'tune',
        'order',
        'CSV: Queue',
        'Open: jobstorm perf-test r1',
      ])
        assert.ok(
          stops.some((each) => each.what === what),
          `it comes to ${what}`,
        );
      for (const [at, stop] of stops.entries()) {
        const before = stops[at - 1];
        if (!before) continue;
        const beside = stop.top < before.bottom && stop.left > before.left;
        assert.ok(beside || stop.top >= before.bottom - 1, `${stop.what} comes after ${before.what}`);
      }
      assert.deepEqual(
        stops.filter(({ outlined }) => !outlined).map(({ what }) => what),
        [],
      );
    });
  }

  it('starts a run, starts it anew with other values, and stops it', async () => {
    const server = await test.room();
    const { page, complaints } = await test.opened(server.url);
    page.setDefaultTimeout(60_000);
    await tabTo(page, 'try');
    await page.keyboard.press('Enter');
    await page.locator('#stage:has-text("finished")').waitFor();
    assert.match(await textOf(page, '#strip'), /10,000completed/);
    assert.match(await textOf(page, '#strip'), /0lost/);
    assert.equal(await page.locator('#runs tbody tr').count(), 1);
    const startWith = async (rate: string) => {
      await tabTo(page, 'start');
      await page.keyboard.press('Enter');
      assert.equal((await focused(page)).what, 'command', 'the form that opens has the focus');
      await tabTo(page, 'rate');
      await page.keyboard.press('Control+A');
      await page.keyboard.type(rate);
      await page.keyboard.press('Enter');
      await page.locator(`#run-name[title*="--rate ${rate}"]`).waitFor();
      assert.equal(await page.locator('#start-form').isVisible(), false, 'what is started is seen');
    };
    await startWith('300');
    await page.locator('#stage:has-text("running")').waitFor();
    await startWith('400');
    await tabTo(page, 'stop');
    await page.keyboard.press('Space');
    await until('it to have stopped', async () => !(await page.locator('#stop').isVisible()), { timeoutMs: 30_000 });
    assert.equal(await page.locator('#runs tbody tr').count(), 3);
    assert.deepEqual(complaints, []);
  });

  it('changes slots, and leaves the forms', async () => {
    const server = await test.room();
    test.parts(server);
    const { page } = await test.opened(server.url);
    await page.locator('#workers td:text("1 of 10")').waitFor();
    await tabTo(page, 'edit');
    await page.keyboard.press('Enter');
    assert.equal((await focused(page)).what, 'slots', 'the form that opens has the focus');
    await page.keyboard.type('12');
    await page.keyboard.press('Enter');
    await page.locator('#message:has-text("slots 12")').waitFor();
    await page.locator('#workers td:text("1 of 12")').waitFor();
    await page.keyboard.press('Escape');
    assert.equal((await focused(page)).what, 'edit', 'the focus is where it came from');
    assert.equal(await page.locator('#edit-form').isVisible(), false);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.type('tune');
    await page.locator('#start-form label:has-text("trials at most")').waitFor();
    assert.equal(await page.locator('#start-form label:has-text("or for")').isVisible(), false, 'only what it takes');
    await tabTo(page, 'window');
    await page.keyboard.type('no time');
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('#start-form :invalid[name="window"]').count(), 1);
  });

  it('opens a record, lays another over it, and comes back', async () => {
    const server = await test.room();
    await test.record(server, 'slow', 1000);
    await test.record(server, 'fast', 1500);
    const { page } = await test.opened(server.url);
    await page.locator('#runs tbody tr').nth(1).waitFor();
    await tabTo(page, 'Open: jobstorm perf-test slow');
    await page.keyboard.press('Enter');
    await page.locator('#banner:has-text("This is a record")').waitFor();
    await tabTo(page, 'Lay over: jobstorm perf-test fast');
    await page.keyboard.press('Enter');
    await page.locator('#strip .rate .other:text("the other: +50 %")').waitFor();
    const tell = await test.run(server, 'new');
    tell(sampleOf(1));
    await tabTo(page, 'Back to now');
    await page.keyboard.press('Enter');
    await page.locator('#run-name:has-text("perf-test new")').waitFor();
  });
});
