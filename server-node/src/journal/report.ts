// What a server says about the journal that it found.

import type { Recovered } from './recovery.ts';
import { segmentName } from './segment-file.ts';
import type { Loss } from './survey.ts';

const plural = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

function lossLine({ segment, at, bytes, records }: Loss): string {
  const extent = bytes === null ? '' : ` (${plural(bytes, 'byte')})`;
  return `${segmentName(segment)} is damaged at byte ${at}${extent}: ${plural(records, 'record')} lost; jobs in them are gone, and jobs whose end they recorded will run again`;
}

/** One line on what is there again, and one for each damage. */
export function recoveryLines(recovered: Omit<Recovered, 'live'>, tookMs: number): string[] {
  const { jobs, segments, tornBytes, losses } = recovered;
  const torn =
    tornBytes > 0
      ? `; ${plural(tornBytes, 'byte')} at the end were not written whole, and were promised to nobody`
      : '';
  const found = `${plural(jobs, 'job')} found again in ${plural(segments.length, 'segment')}, in ${Math.round(tookMs)} ms${torn}`;
  return [found, ...losses.map(lossLine)];
}
