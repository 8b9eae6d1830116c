// A scenario's key table for people: what was published beside what this run came to.

import { type KeyFigure, type KeyTable, keyFigures, type RunResult } from '@jobstorm/loadtest';
import { bytes, micros, rate, seconds, table } from './format.ts';
import type { Terminal } from './terminal.ts';

function shown({ metric: { unit }, value }: KeyFigure): string {
  if (value === null) return 'not measured';
  switch (unit) {
    case 'perS':
      return rate(value);
    case 'us':
      return micros(value);
    case 'bytes':
      return bytes(value);
    case 's':
      return seconds(value);
    case 'share':
      return `${(value * 100).toFixed(2)}%`;
  }
}

/** The whole table, ends with a newline. @param workers worker processes of the run */
export function keyTableText(key: KeyTable, result: RunResult, workers: number, t: Terminal): string {
  const figures = keyFigures(key, result, workers);
  const rows = figures.map((figure) => [figure.metric.name, ...figure.metric.published, shown(figure)]);
  const [head, ...lines] = table([['', ...key.heads, 'here'], ...rows]);
  const marked = lines.map((line, at) => {
    const { met } = figures[at]!;
    return met === null ? line : `${line}  ${met ? t.green('met') : t.red('missed')}`;
  });
  return `\n  ${key.title}\n${[head, ...marked].map((line) => `    ${line}\n`).join('')}`;
}
