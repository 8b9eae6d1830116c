// A case's outcome as a page for docs/, and a chart as SVG: what was measured, by which command, on which machine.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchCase, Curves } from './case.ts';
import { type Curve, lineChart } from './line-chart.ts';
import { type Machine, machineLines } from './machine.ts';
import type { Rounds, Spread } from './rounds.ts';
import { escaped } from './svg-text.ts';
import { number, tableMarkdown } from './table.ts';

export interface Page {
  case: BenchCase;
  rounds: Rounds;
  /** What the case said while it prepared. */
  notes: readonly string[];
  machine: Machine;
  repeats: number;
  quick: boolean;
}

function pageText({ case: each, rounds, notes, machine, repeats, quick }: Page): string {
  const said = notes.map((line) => `- ${line}`);
  return [
    `# ${each.name}`,
    '',
    `${each.about}. Medians of ${repeats} rounds, sides in turn; made by \`just bench ${each.name} --rounds ${repeats} --docs docs/bench\`.`,
    ...(quick ? ['', '**Quick run with small counts: not to be quoted.**'] : []),
    '',
    ...machineLines(machine),
    '',
    ...(each.chart ? [`![${each.chart.title}](${each.name}.svg)`, ''] : []),
    tableMarkdown(each, rounds),
    ...(said.length > 0 ? [...said, ''] : []),
  ].join('\n');
}

const [labelWidth, barWidth, valueWidth, rowHeight, top] = [250, 430, 120, 30, 48];

/** A horizontal bar a side, its range as a line; logarithmic, since the peers are orders of magnitude apart. */
export function barChart(title: string, bars: readonly { name: string; spread: Spread }[], digits: number): string {
  const least = Math.min(...bars.map(({ spread }) => spread.min));
  const most = Math.max(...bars.map(({ spread }) => spread.max));
  const from = Math.log10(least) - 0.3;
  const x = (value: number) => labelWidth + (barWidth * (Math.log10(value) - from)) / (Math.log10(most) - from);
  const width = labelWidth + barWidth + valueWidth;
  const rows = bars.map(({ name, spread }, at) => {
    const y = top + at * rowHeight;
    const middle = y + rowHeight / 2 - 3;
    return [
      `<text x="${labelWidth - 10}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
      `<rect x="${labelWidth}" y="${y}" width="${(x(spread.median) - labelWidth).toFixed(1)}" height="${rowHeight - 8}" fill="#0072b2"/>`,
      `<line x1="${x(spread.min).toFixed(1)}" x2="${x(spread.max).toFixed(1)}" y1="${middle}" y2="${middle}" stroke="#e69f00" stroke-width="3"/>`,
      `<text x="${(x(spread.max) + 8).toFixed(1)}" y="${middle + 4}">${number(spread.median, digits)}</text>`,
    ].join('\n');
  });
  const height = top + bars.length * rowHeight + 26;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="26" font-size="16" font-weight="bold">${escaped(title)}</text>
${rows.join('\n')}
<text x="16" y="${height - 10}" font-size="11" fill="#555555">bar: median, line: range of the rounds</text>
</svg>
`;
}

/** The medians of the sides, gathered into curves. */
function curvesOf(rounds: Rounds, key: string, { placeOf, formulaKey }: Curves): Curve[] {
  const curves = new Map<string, { x: number; y: number; expected: number }[]>();
  for (const [side, keys] of rounds) {
    const [y, expected] = [keys.get(key)?.median, keys.get(formulaKey)?.median];
    if (y === undefined || expected === undefined) continue;
    const { curve, x } = placeOf(side);
    curves.set(curve, [...(curves.get(curve) ?? []), { x, y, expected }]);
  }
  return [...curves].map(([name, points]) => ({ name, points: points.sort((a, b) => a.x - b.x) }));
}

function chartText({ case: { chart, columns }, rounds }: Page): string | null {
  if (!chart) return null;
  if (chart.curves) {
    const curves = curvesOf(rounds, chart.key, chart.curves);
    return curves.length === 0 ? null : lineChart({ title: chart.title, ...chart.curves }, curves);
  }
  const digits = columns.find(({ key }) => key === chart.key)?.digits ?? 0;
  const bars = [...rounds].flatMap(([side, keys]) => {
    const spread = keys.get(chart.key);
    return spread ? [{ name: side, spread }] : [];
  });
  return bars.length === 0 ? null : barChart(chart.title, bars, digits);
}

/** Writes NAME.md and, where the case has a chart, NAME.svg. */
export function writePages(folder: string, page: Page): void {
  const { name } = page.case;
  writeFileSync(join(folder, `${name}.md`), pageText(page));
  const chart = chartText(page);
  if (chart !== null) writeFileSync(join(folder, `${name}.svg`), chart);
}
