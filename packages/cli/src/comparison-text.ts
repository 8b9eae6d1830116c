// A comparison and the range of repeats, for people.

import type { Comparison, FigureCompared, Finding, Repeats } from '@jobstorm/loadtest';
import { figures } from '@jobstorm/loadtest';
import { bytes, micros, rate, table } from './format.ts';
import type { Terminal } from './terminal.ts';

const show: Record<FigureCompared['unit'], (value: number) => string> = {
  perS: rate,
  us: micros,
  coreS: (value) => value.toFixed(4),
  bytes,
};

const signed = (percent: number): string => {
  if (percent > 999) return '> +999%';
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)}%`;
};

function intervalOf({ lowPercent, highPercent, finding }: FigureCompared): string {
  if (lowPercent === null || highPercent === null || finding === null) return '';
  return `${signed(lowPercent)} to ${signed(highPercent)}`;
}

function paint(finding: Finding | null, text: string, t: Terminal): string {
  if (finding === 'worse') return t.red(text);
  return finding === 'better' ? t.green(text) : text;
}

/** How big a change of the rate would have to be to show; null: not known. */
function resolutionOf({ figures: all }: Comparison): string | null {
  const found = all.find(({ path }) => path === 'throughput.completePerS');
  if (!found || found.lowPercent === null || found.highPercent === null || found.finding !== 'same') return null;
  const half = (found.highPercent - found.lowPercent) / 2;
  return half < 5
    ? null
    : `a change of the rate of less than about ${Math.ceil(half)}% would not show here: more --repeats, or longer runs`;
}

/** Why figures are not judged, each reason once. */
function reasonsOf({ figures: all }: Comparison): string[] {
  const reasons = new Map<string, string[]>();
  for (const { title, because } of all) if (because) reasons.set(because, [...(reasons.get(because) ?? []), title]);
  return [...reasons].map(([because, titles]) => `not judged: ${titles.join(', ')}: ${because}`);
}

/** A line for each figure, then what it comes to; ends with a newline. */
export function comparisonText(comparison: Comparison, names: readonly [string, string], t: Terminal): string {
  const rows = [['', ...names, 'change', 'interval', '']];
  for (const one of comparison.figures) {
    const { title, unit, a, b, changePercent, finding } = one;
    rows.push([title, show[unit](a), show[unit](b), signed(changePercent), intervalOf(one), finding ?? '-']);
  }
  const [head, ...lines] = table(rows);
  const shown = comparison.figures.map(({ finding }, at) => `  ${paint(finding, lines[at]!, t)}`);
  const notes = [...reasonsOf(comparison), `judged by ${comparison.basis}`, resolutionOf(comparison)];
  const dim = notes.filter((note) => note !== null).map((note) => t.dim(`  ${note}`));
  return `${[`  ${head!}`, ...shown, ...dim].join('\n')}\n`;
}

/** Median and range of each figure; ends with a newline. */
export function repeatsText(repeats: Repeats): string {
  const rows = [[`over ${repeats.runs.length} runs`, 'median', 'least', 'most']];
  for (const { path, title, unit } of figures) {
    const found = repeats.figures[path];
    if (found) rows.push([title, ...[found.median, found.min, found.max].map(show[unit])]);
  }
  return `${table(rows)
    .map((line) => `  ${line}`)
    .join('\n')}\n`;
}
