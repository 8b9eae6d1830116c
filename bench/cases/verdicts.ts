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
}

/** Where what was measured is kept, for the tests of the verdict; not set: nowhere. */
const recordInto = process.env.JOBSTORM_RECORD_VERDICTS;

function record(made: Made, { verdict }: Result): void {
  if (!recordInto) return;
  mkdirSync(recordInto, { recursive: true });
  const { name, how, expected } = made;
  const text = JSON.stringify({ name, how, expected, basis: verdict.basis }, null, 2);
  writeFileSync(join(recordInto, `${name.toLowerCase().replaceAll(' ', '-')}.json`), `${text}\n`);
}

function make(made: Made, note: (line: string) => void): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const { args, env = {} } = await made.prepare(nest);
    const path = scratchPath('verdict.json');
    const { code, said } = await runCommand([...args, '--json', path], env);
    if (code !== 0 && code !== 111) throw new Error(`${args.join(' ')} ended with exit code ${code}: ${said.trim()}`);
    const result = JSON.parse(readFileSync(path, 'utf8')) as Result;
    const { bottleneck, evidence } = result.verdict;
    const right = made.expected.includes(bottleneck);
    note(`made: ${made.name} (${made.how})`);
    note(`said: ${bottleneck}${right ? '' : `, expected ${made.expected.join(' or ')}`}: ${evidence.join('; ')}`);
    record(made, result);
    return { right: right ? 1 : 0, completePerS: result.throughput.completePerS ?? 0 };
  });
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
      .filter((made) => realFaktory || !made.realFaktory)
      .map((made) => ({ name: made.name, run: () => make(made, note) }));
  },
};
