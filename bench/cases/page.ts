// How the page feels, and what it takes, while twenty workers and fifty containers report and a run goes on: from an event in a worker to
// pixels, frames, the tab's memory, the control room's heap over an hour that is told in seconds, and how soon that hour is drawn.

import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, until } from '@jobstorm/testkit';
import type { Page } from 'playwright-core';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Crowd, ToldRun } from '../crowd.ts';
import { HeapProbe } from '../heap.ts';
import { Nest } from '../nest.ts';
import { Part } from '../part.ts';
import { quantile } from '../quantile.ts';
import { openTab, whyNoBrowser } from '../tab.ts';

const side = 'the page';
const samplesAnHour = 7200;
const megabyte = 2 ** 20;

/** Settles with the epoch ms of the frame after the one that shows a worker with so many slots. */
const seenAt = (page: Page, slots: number) =>
  page.evaluate(
    `new Promise((resolve) => {
      const look = () => {
        if (!document.getElementById('workers').textContent.includes(' of ${slots.toLocaleString('en-GB')}')) return false;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(Date.now())));
        return true;
      };
      const observer = new MutationObserver(look);
      observer.observe(document.getElementById('workers'), { childList: true, characterData: true, subtree: true });
      look();
    })`,
  ) as Promise<number>;

/** From a change in a worker to the pixels, at any moment of all the intervals on the way. In ms. */
async function lags(page: Page, crowd: Crowd, count: number): Promise<number[]> {
  const found: number[] = [];
  for (let at = 0; at < count; at++) {
    await sleep(500 * Math.random());
    const slots = 2001 + at;
    const seen = seenAt(page, slots);
    const changedMs = Date.now();
    crowd.workers[at % crowd.workers.length]!.slots = slots;
    found.push((await seen) - changedMs);
  }
  return found;
}

const countFrames = (page: Page) =>
  page.evaluate(`window.frames_ = []; window.last_ = performance.now();
    (function next() { requestAnimationFrame((now) => { frames_.push(now - last_); last_ = now; next(); }); })()`);

/** Between the click on a record and the frame after the one that shows it. In ms. */
const openingMs = (page: Page, id: string) =>
  page.evaluate(
    `new Promise((resolve) => {
      const row = [...document.querySelectorAll('#runs tbody tr')].find((each) => each.textContent.includes('perf-test ${id}'));
      const from = performance.now();
      const look = () => {
        if (document.getElementById('scrubber').hidden) return requestAnimationFrame(look);
        requestAnimationFrame(() => resolve(performance.now() - from));
      };
      row.querySelector('button').click();
      look();
    })`,
  ) as Promise<number>;

/** An hour of samples, and of reports by everybody, as fast as they are taken. `onTenth`: a tenth of it has gone by. */
async function tellAnHour(url: string, told: ToldRun, polls: number, onTenth: (tenth: number) => Promise<void>) {
  for (let tenth = 1; tenth <= 10; tenth++) {
    for (let poll = 0; poll < polls / 10; poll++) {
      for (let at = 0; at < samplesAnHour / polls; at++) told.sample();
      await told.sent();
      await fetch(`${url}/poll`, { method: 'POST' });
    }
    await onTenth(tenth);
  }
}

function measure(polls: number, events: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const inspector = await freePort();
    const args = ['--listen', '127.0.0.1:0', '--runs', nest.folder()];
    const room = await Part.start('dashboard', args, ['env', `NODE_OPTIONS=--inspect=127.0.0.1:${inspector}`]);
    nest.add(() => room.stop());
    const heap = await HeapProbe.connect(inspector);
    nest.add(() => heap.close());
    const crowd = new Crowd(nest, room.url);
    const { page, privateBytes } = await openTab(nest);
    await page.goto(room.url);
    await page.locator('#workers tbody tr').nth(19).waitFor();
    const told = await ToldRun.begin(nest, room.url, 'hour');
    const heaps: number[] = [];
    await tellAnHour(room.url, told, polls, async () => void heaps.push(await heap.usedBytes()));
    const heldBytes = await recordBytes(room.url);
    await page.locator('#elapsed:has-text("60 min")').waitFor();
    const tabBytes = privateBytes();
    const ticking = setInterval(() => told.sample(), 500);
    await countFrames(page);
    const seen = await lags(page, crowd, events);
    const frames = (await page.evaluate('frames_')) as number[];
    clearInterval(ticking);
    await told.end();
    // The page opens on the latest run; the hour has to be fetched.
    const latest = await ToldRun.begin(nest, room.url, 'latest');
    latest.sample();
    await latest.end();
    await until('the records to be listed', async () => (await page.locator('#runs tbody tr').count()) === 2);
    await page.reload();
    await page.locator('#runs tbody tr:has-text("perf-test hour")').waitFor();
    await page.locator('#run-name:has-text("perf-test latest")').waitFor();
    return {
      lagP99: quantile(seen, 0.99),
      frameP99: quantile(frames, 0.99),
      frameMax: Math.max(...frames),
      tab: Math.max(tabBytes, privateBytes()) / megabyte,
      // From the first tenth on, beside the run's own text, which a run that goes on has in memory.
      growth: (heaps.at(-1)! - heaps[0]! - 0.9 * heldBytes) / megabyte,
      opening: await openingMs(page, 'hour'),
    };
  });
}

async function recordBytes(url: string): Promise<number> {
  const { runs } = (await (await fetch(`${url}/history`)).json()) as { runs: { bytes: number }[] };
  return runs[0]!.bytes;
}

export const page: BenchCase = {
  name: 'page',
  about: 'the page in Chromium, with 20 workers, 50 containers and a run of an hour: lag, frames, memory, first paint',
  realFaktory: 'unused',
  columns: [
    { key: 'lagP99', title: 'worker to pixels, p99 ms', digits: 0 },
    { key: 'frameP99', title: 'frame, p99 ms', digits: 1 },
    { key: 'frameMax', title: 'longest frame, ms', digits: 0 },
    { key: 'tab', title: 'tab, MB', digits: 0 },
    { key: 'growth', title: "room's heap over an hour, MB", digits: 1 },
    { key: 'opening', title: 'an hour drawn, ms', digits: 0 },
  ],
  figures: [
    {
      what: 'from an event in a worker to pixels, p99',
      value: readingOf(side, 'lagP99'),
      digits: 0,
      unit: ' ms',
      atMost: 1500,
    },
    { what: 'a browser tab', value: readingOf(side, 'tab'), digits: 0, unit: ' MB', atMost: 120 },
    {
      what: "the control room's heap grows over an hour by",
      value: readingOf(side, 'growth'),
      digits: 1,
      unit: ' MB',
      atMost: 5,
    },
    {
      what: 'first paint of a finished 1-hour run',
      value: readingOf(side, 'opening'),
      digits: 0,
      unit: ' ms',
      atMost: 1000,
    },
    {
      what: 'frames with 20 workers and 50 containers, p99',
      value: readingOf(side, 'frameP99'),
      digits: 1,
      unit: ' ms',
      atMost: 50,
    },
  ],
  async sides({ count, note }): Promise<Side[]> {
    const whyNot = whyNoBrowser();
    if (whyNot) {
      note(`${whyNot}; this case is left out`);
      return [];
    }
    return [{ name: side, run: () => measure(count(900, 180), count(40, 8)) }];
  },
};
