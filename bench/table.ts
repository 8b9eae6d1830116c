// A case's outcome as text: a row per side with medians and spread, then each figure beside its target.

import { type BenchCase, type Column, type Figure, isMet, type MedianOf, type Readings } from './case.ts';
import { mediansOf, type Rounds, type Spread } from './rounds.ts';

export function number(value: number, digits: number): string {
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function cell(spread: Spread | undefined, { digits }: Column): string {
  if (!spread) return '-';
  const median = number(spread.median, digits);
  if (spread.values.length === 1) return median;
  return `${median} (${number(spread.min, digits)}–${number(spread.max, digits)})`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map((row) => {
    const cells = row.map((text, at) => (at === 0 ? text.padEnd(widths[at]!) : text.padStart(widths[at]!)));
    return `  ${cells.join('   ')}`.trimEnd();
  });
}

function targetOf({ atLeast, atMost, unit }: Figure): string {
  // A target is shown as it was set: 0.4, 1.9, 150,000.
  const shown = (value: number) => `${value.toLocaleString('en-GB', { maximumFractionDigits: 3 })}${unit}`;
  if (atLeast !== undefined) return `target ≥ ${shown(atLeast)}`;
  return atMost === undefined ? '' : `target ≤ ${shown(atMost)}`;
}

function verdict(met: boolean | null): string {
  if (met === null) return '';
  return met ? 'met' : 'NOT MET';
}

/** One run as a line. */
export function readingsLine(columns: readonly Column[], readings: Readings): string {
  const shown = columns.filter(({ key }) => readings[key] !== undefined);
  return shown.map(({ key, title, digits }) => `${number(readings[key]!, digits)} ${title}`).join(', ');
}

/** A row a side under a head. */
function rowsOf({ columns }: BenchCase, rounds: Rounds): string[][] {
  const head = ['median (min–max)', ...columns.map(({ title }) => title)];
  const rows = [...rounds].map(([side, keys]) => [
    side,
    ...columns.map((column) => cell(keys.get(column.key), column)),
  ]);
  return [head, ...rows];
}

/** A row a figure: what, value, target, whether it was met. */
function judgedRows({ figures }: BenchCase, rounds: Rounds): string[][] {
  const median = mediansOf(rounds);
  return figures.map((figure) => {
    const value = figure.value(median);
    const shown = value === null ? 'not measured' : `${number(value, figure.digits)}${figure.unit}`;
    return [figure.what, shown, targetOf(figure), verdict(isMet(figure, value))];
  });
}

/** The table of a case, ends with a newline. */
export function tableText(each: BenchCase, rounds: Rounds): string {
  const judged = judgedRows(each, rounds);
  const lines = [...aligned(rowsOf(each, rounds)), ...(judged.length > 0 ? ['', ...aligned(judged)] : [])];
  return `${lines.join('\n')}\n`;
}

function markdown(rows: readonly (readonly string[])[]): string[] {
  const [head, ...body] = rows.map((row) => `| ${row.join(' | ')} |`);
  const rule = `| --- |${' ---: |'.repeat(rows[0]!.length - 1)}`;
  return [head!, rule, ...body];
}

/** The same in Markdown. */
export function tableMarkdown(each: BenchCase, rounds: Rounds): string {
  const judged = judgedRows(each, rounds);
  const figures = judged.length === 0 ? [] : ['', ...markdown([['figure', 'measured', 'target', ''], ...judged])];
  return `${[...markdown(rowsOf(each, rounds)), ...figures].join('\n')}\n`;
}

/** What a row of the table of goals is made of; `median` is of the figure's own case. */
export interface Goal {
  name: string;
  figure: Figure;
  median: MedianOf;
}

function goalRow({ name, figure, median }: Goal): string[] {
  const { what, digits, unit, madeOf } = figure;
  const value = figure.value(median);
  const part = (of: number | null | undefined) =>
    madeOf && typeof of === 'number' ? `${number(of, madeOf.digits)}${madeOf.unit}` : '';
  return [
    `${name}: ${what}`,
    part(madeOf?.ours(median)),
    part(madeOf?.real?.(median)),
    value === null ? 'not measured' : `${number(value, digits)}${unit}`,
    targetOf(figure).replace('target ', ''),
    verdict(isMet(figure, value)),
  ];
}

/** The figures of several cases: for a ratio also what it was made of. */
export function goalsText(goals: readonly Goal[]): string {
  return aligned([['what', 'ours', 'real Faktory', 'measured', 'goal', 'met?'], ...goals.map(goalRow)]).join('\n');
}
