// A real browser with one page, for what watching costs and how it feels. Needs JOBSTORM_CHROMIUM, the path of a Chromium.

import { readFileSync } from 'node:fs';
import { chromiumPath, descendants } from '@jobstorm/testkit';
import type { Page } from 'playwright-core';
import type { Aside } from './aside.ts';
import type { Nest } from './nest.ts';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-sync'];

/** Why no page can be opened here, as a sentence; null: it can. */
export function whyNoBrowser(): string | null {
  return chromiumPath() === null ? 'JOBSTORM_CHROMIUM is not set: it has to be the path of a Chromium' : null;
}

export interface Tab {
  page: Page;
  /** Memory that is the page's process's alone, in bytes. */
  privateBytes(): number;
}

/** `aside`: where it runs as if it were on another host. */
export async function openTab(nest: Nest, aside: Aside | null = null): Promise<Tab> {
  const { chromium } = await import('playwright-core');
  const server = await chromium.launchServer({ executablePath: chromiumPath()!, args: flags });
  nest.add(() => server.close());
  const { pid } = server.process();
  if (pid === undefined) throw new Error('Chromium could not be started');
  aside?.add(pid);
  const browser = await chromium.connect(server.wsEndpoint());
  nest.add(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  return { page, privateBytes: () => Math.max(...renderers(pid).map(privateBytesOf)) };
}

/** Processes that draw pages; one is kept in reserve. */
function renderers(browser: number): number[] {
  return descendants(browser).filter((pid) => read(`/proc/${pid}/cmdline`).includes('--type=renderer'));
}

function privateBytesOf(pid: number): number {
  const text = read(`/proc/${pid}/smaps_rollup`);
  const found = [...text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm)];
  return found.reduce((sum, [, kb]) => sum + Number(kb) * 1024, 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has ended
  }
}
