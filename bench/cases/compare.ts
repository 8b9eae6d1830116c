// Pairs of real runs with the same settings, and what `jobstorm compare` says of each: same, if it is worth its salt. And pairs of which
// one has a tenth fewer slots in jobs that sleep, so that it is a tenth slower. Equal ones are single runs, and three runs each
// (--repeats 3); a tenth is looked for in three runs each. A single run of seconds can't tell it, and says so: 200 slots asleep in
// step bring their jobs in waves of 200, of which there is one more or one less in each stretch that stands for another run, so that
// stretches differ by 2% to 10% where runs differ by 1%.

import { readFileSync } from 'node:fs';
import { compareResults, faultsForComparison, type RunResult } from '@jobstorm/loadtest';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { runCommand, scratchPath } from '../part.ts';

const pairs = 10;

async function taken(args: readonly string[]): Promise<RunResult> {
  const path = scratchPath('compared.json');
  const { code, said } = await runCommand(['perf-test', ...args, '--json', path]);
  if (code !== 0) throw new Error(`perf-test ${args.join(' ')} ended with exit code ${code}: ${said.trim()}`);
  return JSON.parse(readFileSync(path, 'utf8')) as RunResult;
}

const percent = (value: number | null) => (value === null ? '?' : `${value.toFixed(1)}%`);

function sentence(a: RunResult, b: RunResult): { finding: string; text: string } {
  const faults = [...faultsForComparison(a), ...faultsForComparison(b)];
  if (faults.length > 0) return { finding: 'not judged', text: faults.join('; ') };
  const { finding, figures } = compareResults(a, b);
  const rate = figures.find(({ path }) => path === 'throughput.completePerS')!;
  const { changePercent, lowPercent, highPercent } = rate;
  const rates = `${rate.a.toFixed(0)}/s and ${rate.b.toFixed(0)}/s`;
  return { finding, text: `${rates}, ${percent(changePercent)}, ${percent(lowPercent)} to ${percent(highPercent)}` };
}

interface Pairs {
  name: string;
  a: readonly string[];
  b: readonly string[];
  expected: string;
  count: number;
  note(line: string): void;
}

async function allPairs({ name, a, b, expected, count, note }: Pairs): Promise<Record<string, number>> {
  let right = 0;
  for (let pair = 1; pair <= count; pair++) {
    const { finding, text } = sentence(await taken(a), await taken(b));
    if (finding === expected) right++;
    note(`${name}, pair ${pair}: ${finding} (${text})`);
  }
  return { share: right / count };
}

const full = ['400000'];
const sleeping = ['6000', '--service-time', '100ms', '--cpus', '1', '--repeats', '3'];
const asleep = (slots: number) => [...sleeping, '--concurrency', String(slots)];
const [single, repeated, slower] = ['equal', 'equal, three runs each', 'a tenth slower, three runs each'];

export const compareCase: BenchCase = {
  name: 'compare',
  about: 'what jobstorm compare says of pairs of real runs, equal ones and ones of which one is a tenth slower',
  realFaktory: 'unused',
  // Its pairs are the repeats.
  mostRounds: 1,
  columns: [{ key: 'share', title: 'share said right', digits: 2 }],
  figures: [
    { what: 'equal single runs that are the same', side: single },
    { what: 'equal triples of runs that are the same', side: repeated },
    { what: 'triples that differ by a tenth and are said to', side: slower },
  ].map(({ what, side }) => ({ what, value: readingOf(side, 'share'), digits: 2, unit: '', atLeast: 0.9 })),
  async sides({ note, count }): Promise<Side[]> {
    const many = count(pairs, 1);
    return [
      { name: single, a: full, b: full, expected: 'same' },
      { name: repeated, a: asleep(200), b: asleep(200), expected: 'same' },
      { name: slower, a: asleep(200), b: asleep(180), expected: 'worse' },
    ].map((each) => ({ name: each.name, run: () => allPairs({ ...each, count: many, note }) }));
  },
};
