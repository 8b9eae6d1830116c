// Takes the pictures of docs/images: the page while a tuning goes on, on server-node, for real. Its settings make trials short and differ
// from each other; what is seen is what is measured meanwhile.
// Usage: JOBSTORM_CHROMIUM=/usr/bin/chromium node --import tsx bench/pictures.ts [FOLDER]

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBrowser, until } from '@jobstorm/testkit';
import type { Browser, Page } from 'playwright-core';
import { Nest } from './nest.ts';
import { launchCommand } from './part.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('../docs/images', import.meta.url));
/** So many trials have been measured: there is something to see. */
const trialsSeen = 9;
/** Sharp on dense screens. */
const pixelsAPoint = 1.15;

interface Picture {
  name: string;
  width: number;
  height: number;
  dark: boolean;
}

const pictures: readonly Picture[] = [
  { name: 'dashboard-1280', width: 1280, height: 800, dark: false },
  { name: 'dashboard-1280-dark', width: 1280, height: 800, dark: true },
  { name: 'dashboard-800', width: 800, height: 1080, dark: false },
  { name: 'dashboard-800-dark', width: 800, height: 1080, dark: true },
];

async function opened(browser: Browser, url: string, { width, height, dark }: Picture): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width, height },
    deviceScaleFactor: pixelsAPoint,
    colorScheme: dark ? 'dark' : 'light',
  });
  await page.goto(url);
  return page;
}

/** A trial is being measured, and enough of them have been. */
async function isWorthIt(page: Page): Promise<boolean> {
  const rows = await page.locator('#trials tbody tr').allTextContents();
  const stage = (await page.locator('#stage').textContent()) ?? '';
  return rows.filter((text) => !text.includes('measuring')).length >= trialsSeen && stage.startsWith('measuring');
}

await Nest.with(async (nest) => {
  const browser = await startBrowser();
  nest.add(() => browser.close());
  const server = await nest.server('server-node');
  const room = await nest.part('dashboard', '--listen', '127.0.0.1:0', '--url', server.url, '--runs', 'none');
  const control = room.url.replace('http', 'ws');
  const api = await nest.part('api', '--listen', '127.0.0.1:0', '--url', server.url, '--control', control);
  await nest.part('worker', '500', '1', '--url', server.url, '--control', control);
  const where = ['--url', server.url, '--api', api.url, '--control', control];
  const pages = await Promise.all(
    pictures.map(async (each) => ({ ...each, page: await opened(browser, room.url, each) })),
  );
  nest.add(launchCommand(['tune', '--slots', '25:1600', '--service-time', '20ms', '--window', '3s', ...where]));
  for (const { name, page } of pages) {
    await until(`${name} to be worth a picture`, () => isWorthIt(page), { timeoutMs: 180_000, intervalMs: 100 });
    await page.screenshot({ path: join(folder, `${name}.png`) });
    process.stdout.write(`${join(folder, name)}.png\n`);
  }
});
process.exit(0);
