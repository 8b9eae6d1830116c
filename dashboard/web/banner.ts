// The banner: what has to be known about the figures below it. `bannerLines` is pure.

import type { PageState } from '../src/page-state.ts';
import { plainCommand } from './command-text.ts';

/** Sentences. */
export interface BannerLines {
  /** What is looked at. */
  looked: string[];
  /** What is wrong. */
  troubles: string[];
}

export function bannerLines(state: PageState): BannerLines {
  const { opened, other } = state;
  const looked: string[] = [];
  if (opened) looked.push('This is a record. "Back to now" shows the run that goes on.');
  if (other) looked.push(`Laid over it, in grey: ${plainCommand(other.command)}.`);
  return { looked, troubles: troublesOf(state) };
}

function troublesOf({ shown, sections }: PageState): string[] {
  const lines: string[] = [];
  const { server, started } = sections;
  if (server && !server.connected) {
    const since =
      server.sampledAtMs === null ? '' : `, its figures are of ${new Date(server.sampledAtMs).toLocaleTimeString()}`;
    lines.push(`The job server ${server.url} does not answer${since}.`);
  }
  if (shown?.verdict?.bottleneck === 'generator')
    lines.push('The generator is the limit: these figures are its own, not the cluster’s.');
  if (started?.failed) lines.push(`The last start failed: ${started.failed}`);
  const reasons = shown?.result?.invalidBecause as string[] | undefined;
  if (reasons && reasons.length > 0) lines.push(`Not a valid measurement: ${reasons.join('; ')}.`);
  return lines;
}

/** `onBack`: the way back from a record, where there is one. */
export function drawBanner(banner: HTMLElement, { looked, troubles }: BannerLines, onBack: (() => void) | null): void {
  const lines = [...looked, ...troubles];
  const key = JSON.stringify([lines, onBack !== null]);
  if (banner.dataset.of === key) return; // or its button would lose the focus
  banner.dataset.of = key;
  banner.hidden = lines.length === 0;
  banner.classList.toggle('well', troubles.length === 0);
  banner.replaceChildren(`${lines.join(' ')} `);
  if (!onBack) return;
  const back = document.createElement('button');
  back.type = 'button';
  back.textContent = 'Back to now';
  back.addEventListener('click', onBack);
  banner.append(back);
}
