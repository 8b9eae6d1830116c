// Makes each bottleneck for real and looks whether the verdict names it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bottlenecks, type Made } from '../bottlenecks.ts';
import type { BenchCase, Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { runCommand, scratchPath } from '../part.ts';

interface Result {
  verdict: { bottleneck: string; evidence: string[]; basis: Record<string, unknown> };
  throughput: { completePerS: number | null };
  invalidBecause: string[];
}

/** Where what was measured is kept, for the tests of the verdict; not set: nowhere. */
const recordInto = process.env.JOBSTORM_RECORD_VERDICTS;

function record(made: Made, { verdict }: Result): void {
  if (!recordInto) return;
  mkdirSync(recordInto, { recursive: true });
  const { name, how, expected } = made;
  const text = JSON.stringify({ name, how, expected, basis: verdict.basis }, null, 2);
  writeFileSync(join(recordInto, `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.json`), `${text}\n`);
}

function make(made: Made, note: (line: string) => void): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const { args, env = {}, began } = await made.prepare(nest);
    const path = scratchPath('verdict.json');
    const { code, said } = await runCommand([...args, '--json', path], env, began);
    if (code !== 0 && code !== 111) throw new Error(`${args.join(' ')} ended with exit code ${code}: ${said.trim()}`);
    const result = JSON.parse(readFileSync(path, 'utf8')) as Result;
    const { bottleneck, evidence } = result.verdict;
    const { invalidBecause } = result;
    const named = made.expected.includes(bottleneck);
    const right = named && code === (made.code ?? 0);
    note(`made: ${made.name} (${made.how})`);
    note(`said: ${bottleneck}${named ? '' : `, expected ${made.expected.join(' or ')}`}: ${evidence.join('; ')}`);
    if (code !== 0 || made.code) note(`exit code ${code}, expected ${made.code ?? 0}: ${invalidBecause.join('; ')}`);
    record(made, result);
    return { right: right ? 1 : 0, completePerS: result.throughput.completePerS ?? 0 };
  });
}

/** What can't be made here is said, with the reason. JOBSTORM_VERDICTS: only those with one of these words in their names. */
function canBeMade(realFaktory: boolean, note: (line: string) => void) {
  const words = (process.env.JOBSTORM_VERDICTS ?? '').split(',').filter(Boolean);
  return (made: Made): boolean => {
    if (words.length > 0 && !words.some((word) => made.name.includes(word))) return false;
    if (made.realFaktory && !realFaktory) return false;
    const reason = made.whyNot?.() ?? null;
    if (reason !== null) note(`left out: ${made.name}: ${reason}`);
    return reason === null;
  };
}

export const verdicts: BenchCase = {
  name: 'verdicts',
  about: 'bottlenecks made on purpose, and what the verdict says of each',
  realFaktory: 'beside',
  columns: [
    { key: 'right', title: 'named right', digits: 0 },
    { key: 'completePerS', title: 'jobs/s completed', digits: 0 },
  ],
  figures: bottlenecks.map(({ name }) => ({
    what: `${name}: named right`,
    value: (median) => median(name, 'right'),
    digits: 0,
    unit: '',
    atLeast: 1,
  })),
  async sides({ realFaktory, note }): Promise<Side[]> {
    return bottlenecks
      .filter(canBeMade(realFaktory, note))
      .map((made) => ({ name: made.name, run: () => make(made, note) }));
  },
};
