// The end of a soak, for people: each slope with its interval and verdict.

import type { SoakReport, SoakSlope } from '@jobstorm/loadtest';
import { seconds, table } from '../format.ts';
import { slopeWords } from '../result-words.ts';
import type { Terminal } from '../terminal.ts';

export interface SoakEnd extends SoakReport {
  durationS: number;
  path: string | null;
  interrupted: boolean;
}

/** Below this what grows may only be filling. */
const aLookS = 1800;

const rowOf = (slope: SoakSlope): string[] => [slope.what, ...slopeWords(slope), slope.verdict];

/** Ends with a newline. */
export function soakSummary(
  { slopes, stretches, soakedS, durationS, path, interrupted }: SoakEnd,
  t: Terminal,
): string {
  const growing = slopes.filter(({ verdict }) => verdict === 'growing').map(({ what }) => what);
  const [head, ...rows] = table([['', 'mean', 'an hour', '95% interval', 'verdict'], ...slopes.map(rowOf)]);
  const marked = rows.map((row, at) => (slopes[at]!.verdict === 'growing' ? t.red(row) : row));
  const over = `${seconds(soakedS)}${stretches > 1 ? ` in ${stretches} stretches` : ''}`;
  const verdict = growing.length > 0 ? t.red(`growing: ${growing.join(', ')}`) : t.green('nothing grows');
  const tooShort = slopes.length > 0 && slopes.every((slope) => slope.verdict === 'too short');
  return [
    '',
    t.bold(`soaked for ${over}: ${tooShort ? 'too short to tell' : verdict}`),
    ...[head, ...marked].map((line) => `  ${line}`),
    ...(soakedS < aLookS ? [t.dim('  a look, no soak: heaps and caches still fill in the first half-hour')] : []),
    ...(interrupted && path !== null
      ? [`  ${seconds(durationS)} were asked for: the same command again goes on with what is in ${path}`]
      : []),
    '',
  ].join('\n');
}
