// Where a job's time goes: its stretches one behind the other, at p50 and at p99, as SVG. Percentiles of stretches don't add up to that of
// the whole, so the whole has a bar of its own, measured.

import type { RunResult } from '@jobstorm/loadtest';
import { micros } from '../format.ts';
import { escapeText } from './markup.ts';

type Quantile = 'p50' | 'p99';

/** In the order of a job's life. submit holds the three behind it, so it only stands where none of them is known. */
const stretches = [
  ['sendLag', 'send lag'],
  ['submit', 'submit'],
  ['accept', 'accept'],
  ['batchWait', 'batch wait'],
  ['push', 'push'],
  ['queueWait', 'queue wait'],
  ['dispatch', 'dispatch'],
  ['service', 'service'],
  ['ack', 'acknowledge'],
] as const;

interface Row {
  name: string;
  fromUs: number;
  us: number;
  whole?: boolean;
}

export function rowsOf(latencyUs: RunResult['latencyUs'], quantile: Quantile): Row[] {
  const known = latencyUs as Readonly<Record<string, { p50: number; p99: number } | null | undefined>>;
  const rows: Row[] = [];
  const byApi = known.accept || known.batchWait || known.push;
  const sinceDue = known.accept || (known.submit && !byApi);
  let fromUs = 0;
  for (const [phase, name] of stretches) {
    const us = known[phase]?.[quantile];
    if (us === undefined || (phase === 'submit' && byApi)) continue;
    rows.push({ name, fromUs, us });
    // What follows the send lag counts from when the job was due as well, where it is known.
    if (phase !== 'sendLag' || !sinceDue) fromUs += us;
  }
  const all = known.endToEnd?.[quantile];
  if (all !== undefined) rows.push({ name: 'end to end', fromUs: 0, us: all, whole: true });
  return rows;
}

const width = 620;
const left = 104;
const right = 74;
const rowHeight = 24;
const inner = width - left - right;
const short = (pixels: number): string => String(Math.round(pixels * 10) / 10);

function rowSvg({ name, fromUs, us, whole }: Row, at: number, mostUs: number): string {
  const x = left + (fromUs / mostUs) * inner;
  const length = Math.max(1.5, (us / mostUs) * inner);
  const y = at * rowHeight;
  const middle = y + rowHeight / 2;
  return (
    `<text class="tick" x="${left - 8}" y="${middle}" dy="0.32em" text-anchor="end">${escapeText(name)}</text>` +
    `<rect class="bar${whole ? ' whole' : ''}" x="${short(x)}" y="${y + 5}" width="${short(length)}" height="${rowHeight - 10}" rx="2"/>` +
    `<text class="value" x="${short(x + length + 6)}" y="${middle}" dy="0.32em">${escapeText(micros(us))}</text>`
  );
}

function chart(latencyUs: RunResult['latencyUs'], quantile: Quantile): string {
  const rows = rowsOf(latencyUs, quantile);
  const mostUs = Math.max(1, ...rows.map(({ fromUs, us }) => fromUs + us));
  const drawn = rows.map((row, at) => rowSvg(row, at, mostUs)).join('');
  return (
    `<div><h3>${quantile}</h3><svg class="chart" viewBox="0 0 ${width} ${Math.max(1, rows.length) * rowHeight}" role="img" ` +
    `aria-label="where a job's time goes, ${quantile}">${drawn}</svg></div>`
  );
}

/** Empty when no stretch was measured. */
export function waterfallHtml({ latencyUs }: RunResult): string {
  if (rowsOf(latencyUs, 'p50').length === 0) return '';
  return (
    '<figure class="plot wide"><figcaption><h2>Where a job’s time goes <small>stretch by stretch; percentiles of stretches don’t add up to the whole’s</small></h2></figcaption>' +
    `<div class="pair">${chart(latencyUs, 'p50')}${chart(latencyUs, 'p99')}</div></figure>`
  );
}
