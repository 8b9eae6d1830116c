// What a run has at its end beyond its own figures: what took turns with it, a baseline, the slopes of a soak, the ledger of a chaos-test.

import type { Comparison, RunResult } from '@jobstorm/loadtest';
import { seconds, whole } from '../format.ts';
import { slopeWords } from '../result-words.ts';
import { costsFound, findingOf } from './findings.ts';
import { escapeText as esc } from './markup.ts';
import { type Cell, tableHtml } from './report-tables.ts';

const signed = (value: number, show: (value: number) => string): string =>
  `${value < 0 ? '−' : '+'}${show(Math.abs(value))}`;

function soakTable({ soak }: RunResult): string {
  if (!soak) return '';
  const rows = soak.slopes.map((slope): Cell[] => [
    slope.what,
    ...slopeWords(slope),
    { text: slope.verdict, as: slope.verdict === 'growing' ? 'wrong' : 'good' },
  ]);
  const title = `Soaked for ${seconds(soak.soakedS)}${soak.stretches > 1 ? ` in ${soak.stretches} stretches` : ''}`;
  return tableHtml(title, ['', 'mean', 'an hour', '95% interval', ''], rows);
}

const orNever = (s: number | null): string => (s === null ? '–' : seconds(s));

function chaosTables({ chaos }: RunResult): string {
  if (!chaos) return '';
  const { ledger, kills } = chaos;
  const counts = Object.entries(ledger).map(([name, count]): Cell[] => [
    name,
    name === 'lost' && count > 0 ? { text: whole(count), as: 'wrong' } : whole(count),
  ]);
  const rows = kills.map(({ atS, what, replacedS, rateBackS }): Cell[] => [
    `at ${seconds(atS)}`,
    what,
    orNever(replacedS),
    orNever(rateBackS),
  ]);
  return (
    tableHtml('The ledger', ['', 'jobs'], counts) +
    tableHtml('Killed', ['', '', 'replaced after', 'rate as before after'], rows)
  );
}

function comparisonTable(title: string, { figures }: Comparison): string {
  const percent = (value: number | null): string =>
    value === null ? '–' : signed(value, (size) => `${size.toFixed(1)}%`);
  const rows = figures.map(({ title, changePercent, lowPercent, highPercent, finding }): Cell[] => [
    title,
    percent(changePercent),
    lowPercent === null ? '–' : `${percent(lowPercent)} to ${percent(highPercent)}`,
    { text: finding ?? '–', as: finding === 'worse' ? 'wrong' : finding === 'better' ? 'good' : '' },
  ]);
  return tableHtml(title, ['', 'change', 'interval', ''], rows);
}

/** Of runs that took turns, what recording or batches cost. */
function foundHtml(r: RunResult): string {
  const found = costsFound(r).map(
    ({ title, sentences }) =>
      `<section class="card"><b>${esc(title)}</b><ul>${sentences.map((one) => `<li>${esc(one)}</li>`).join('')}</ul></section>`,
  );
  return found.join('');
}

/** Empty when there is none of them. */
export function endsHtml(r: RunResult): string {
  const { baseline, against = [] } = r;
  const tables = [
    soakTable(r),
    chaosTables(r),
    foundHtml(r),
    ...against.map((one) => comparisonTable(`With ${one.flags}: ${findingOf(one)}`, one.comparison)),
    baseline ? comparisonTable(`Against ${baseline.file}`, baseline) : '',
  ].filter((table) => table !== '');
  return tables.length === 0 ? '' : `<section class="tables">${tables.join('')}</section>`;
}
