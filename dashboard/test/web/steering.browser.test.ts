// What can be done at the page, in a real browser, with real parts: settings changed while they run, records looked into, all of it
// by keyboard.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import { PageTest, sampleOf } from './page-test.ts';

describe('what can be done at the page', () => {
  const test = new PageTest();

  it('changes settings of parts that run, shows what is in force, and says what was refused', async () => {
    const server = await test.room();
    test.parts(server);
    const { page } = await test.opened(server.url);
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
    const server = await test.room();
    await test.record(server, 'slow', 1000, [{ type: 'mark', atS: 5, what: 'worker on here: 10 → 20 slots' }]);
    await test.record(server, 'fast', 1500);
    const { page } = await test.opened(server.url);
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
    const legend = page.locator('.u-legend tr:has-text("completed") .u-value').first();
    await until('the cursor of the plots to stand there too', async () => (await legend.textContent()) === '1,000');
    for (let at = 0; at < 14; at++) await page.keyboard.press('ArrowRight');
    await page.locator('#strip .rate:text("2,000jobs/s at 7.0 s")').waitFor();
    assert.equal(await legend.textContent(), '2,000');
    await page.keyboard.press('End');
    await page.locator('#strip .rate:text("1,000jobs/s, steady")').waitFor();
    await row('fast').getByText('Lay over').click();
    await page.locator('#strip .rate .other').waitFor();
    assert.equal(await page.locator('#strip .rate .other').textContent(), 'the other: +50 % (+47 % to +53 %)');
  });

  it('leaves the focus where it is while figures go on', async () => {
    const server = await test.room();
    test.parts(server);
    await test.record(server, 'old', 1000);
    const { page } = await test.opened(server.url);
    await page.locator('#runs tr:has-text("perf-test old") button').first().focus();
    const tell = await test.run(server, 'new');
    const rates = new Set<string | null>();
    for (let at = 1; at <= 5; at++) {
      tell(sampleOf(at, { completed: 500 * at }));
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
});
