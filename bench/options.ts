// What the bench command can be told.

import { parseArgs } from 'node:util';
import type { BenchCase } from './case.ts';
import type { Group } from './cases/index.ts';

export interface Options {
  /** In the order they were named; empty: list them. */
  cases: BenchCase[];
  rounds: number;
  /** Small counts: to see that everything works. Its figures are not to be quoted. */
  quick: boolean;
  json: string | null;
  /** Folder for a page, and where the case has one a chart, of each case. */
  docs: string | null;
  /** Rounds that this file has count, and it gets those that are run. */
  resume: string | null;
}

export const usage = `usage: just bench [CASE … | GROUP | all] [--rounds 5] [--quick] [--json FILE] [--docs DIR] [--resume FILE]

Measures what dist/ holds, side by side: the sides of a case run in turn in each round, each in processes of its own, and the
medians of the rounds stand beside their targets. Use a machine that does nothing else.
  --rounds N   rounds of each case [default 5]
  --quick      small counts, to see that it works; figures are not to be quoted
  --json FILE  write machine, readings and figures to a file
  --resume FILE  go on with the rounds that FILE has, which gets those that are run: a long case in parts
  --docs DIR   write a page with the table of each case, and its chart where it has one

Some cases compare with a real Faktory. JOBSTORM_REAL_FAKTORY is the path of its program (version 1.10.0), and redis-server has
to be on the PATH, since Faktory starts one:
  JOBSTORM_REAL_FAKTORY=/path/to/faktory just bench drain

exit codes: 0 every target met (or --quick), 99 a target missed or not measured, 104 bad arguments, 105 interrupted, 1 else`;

export class ArgumentError extends Error {}

function casesOf(names: readonly string[], all: readonly BenchCase[], groups: readonly Group[]): BenchCase[] {
  if (names.includes('all')) return [...all];
  const found = names.flatMap((name) => {
    const one = all.find((each) => each.name === name);
    const several = one ? [one] : groups.find((group) => group.name === name)?.cases;
    if (several) return several;
    const known = [...groups, ...all].map((each) => each.name).join(', ');
    throw new ArgumentError(`got "${name}", expected all or one of: ${known}`);
  });
  return [...new Set(found)];
}

/** @throws ArgumentError naming what was given and what was expected. Null: the help page is asked for */
export function readOptions(
  argv: readonly string[],
  all: readonly BenchCase[],
  groups: readonly Group[],
): Options | null {
  const { values, positionals } = parse(argv);
  if (values.help) return null;
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 1000) {
    throw new ArgumentError(`--rounds: got "${values.rounds}", expected a whole number from 1 to 1000`);
  }
  return {
    cases: casesOf(positionals, all, groups),
    rounds,
    quick: values.quick,
    json: values.json ?? null,
    docs: values.docs ?? null,
    resume: values.resume ?? null,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '5' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        docs: { type: 'string' },
        resume: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}
