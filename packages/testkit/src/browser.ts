// A real browser without a window, for tests of pages: it reaches nothing but what the test opens, and leaves no process.

import type { Browser } from 'playwright-core';

/** No sandbox (tests may run as root), no GPU, and nothing that would call home. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--no-first-run',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** The path of a Chromium, as bin/test.mjs found it; null: none is here. */
export function chromiumPath(): string | null {
  return process.env.JOBSTORM_CHROMIUM ?? null;
}

/** Started; whoever asked for it closes it. @throws Error when there is none */
export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('JOBSTORM_CHROMIUM is not set: run the tests by bin/test.mjs');
  const { chromium } = await import('playwright-core'); // only tests of pages load it
  return chromium.launch({ executablePath, args: flags });
}
