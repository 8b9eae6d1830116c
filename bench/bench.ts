// `just bench`: lists the cases, or runs the ones that are named and prints each one's table. Whatever way this process ends,
// what it started ends with it (see part.ts).

import { writeFileSync } from 'node:fs';
import { ExitCode } from '@jobstorm/program';
import { realFaktoryPath } from '@jobstorm/testkit';
import { type BenchCase, isMet } from './case.ts';
import { cases, groups } from './cases/index.ts';
import { Known, type KnownCase } from './known.ts';
import { describeMachine, type Machine, machineLines } from './machine.ts';
import { ArgumentError, type Options, readOptions, usage } from './options.ts';
import { writePages } from './page.ts';
import { endAll } from './part.ts';
import { mediansOf, type Rounds, runRounds } from './rounds.ts';
import { goalsText, readingsLine, tableText } from './table.ts';

interface Outcome {
  case: BenchCase;
  /** Null: it could not run on this machine. */
  rounds: Rounds | null;
}

const print = (text: string) => process.stdout.write(`${text}\n`);
/** What goes on meanwhile, apart from what is to be kept. */
const note = (text: string) => process.stderr.write(`${text}\n`);

async function runCase(
  each: BenchCase,
  { rounds, quick, docs }: Options,
  known: KnownCase,
  machine: Machine,
): Promise<Outcome> {
  print(`\n${each.name}: ${each.about}`);
  const realFaktory = realFaktoryPath() !== null;
  if (!realFaktory && each.realFaktory !== 'unused') {
    const missing = each.realFaktory === 'needed' ? 'this case is left out' : 'that side is left out';
    print(`  no real Faktory: ${missing}; JOBSTORM_REAL_FAKTORY has to be the path of its program`);
    if (each.realFaktory === 'needed') return { case: each, rounds: null };
  }
  const count = (full: number, small: number) => (quick ? small : full);
  const notes: string[] = [];
  const tell = (line: string) => {
    notes.push(line);
    print(`  ${line}`);
  };
  const sides = await each.sides({ count, realFaktory, note: tell, known });
  const most = Math.min(rounds, each.mostRounds ?? rounds);
  if (known.rounds > 0) tell(`${known.rounds} of its rounds were measured before`);
  const taken = await runRounds(sides, most, known, (round, side, readings) =>
    note(`  round ${round}/${most} ${side.name}: ${readingsLine(each.columns, readings)}`),
  );
  for (const line of each.closing?.(taken) ?? []) tell(line);
  print(tableText(each, taken));
  if (docs !== null) writePages(docs, { case: each, rounds: taken, notes, machine, repeats: most, quick });
  return { case: each, rounds: taken };
}

function figuresOf({ case: { figures }, rounds }: Outcome) {
  const median = rounds ? mediansOf(rounds) : () => null;
  return figures.map((figure) => {
    const value = figure.value(median);
    const { what, unit, atLeast = null, atMost = null } = figure;
    return { what, unit: unit.trim(), value, atLeast, atMost, met: isMet(figure, value) };
  });
}

function documentOf(outcomes: readonly Outcome[], { rounds, quick }: Options, machine: object) {
  return {
    schemaVersion: 1,
    startedAt: new Date(performance.timeOrigin).toISOString(),
    machine,
    rounds,
    quick,
    cases: outcomes.map((outcome) => ({
      name: outcome.case.name,
      about: outcome.case.about,
      sides: Object.fromEntries([...(outcome.rounds ?? [])].map(([side, keys]) => [side, Object.fromEntries(keys)])),
      figures: figuresOf(outcome),
    })),
  };
}

/** All cases' figures in one table. */
function goalsOf(outcomes: readonly Outcome[]): string {
  return goalsText(
    outcomes.flatMap(({ case: { name, figures }, rounds }) => {
      const median = rounds ? mediansOf(rounds) : () => null;
      return figures.map((figure) => ({ name, figure, median }));
    }),
  );
}

/** Targets that were missed or could not be measured, one line each. */
function misses(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap((outcome) =>
    figuresOf(outcome)
      .filter(({ atLeast, atMost, met }) => (atLeast !== null || atMost !== null) && met !== true)
      .map(({ what, met }) => `${outcome.case.name}: ${what}: ${met === null ? 'not measured' : 'NOT MET'}`),
  );
}

function write(path: string, document: object): void {
  try {
    writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
  } catch (error) {
    throw new ArgumentError(
      `--json: got "${path}", which can't be written to (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

async function runAll(options: Options): Promise<number> {
  const machine = describeMachine();
  for (const line of machineLines(machine)) print(line);
  if (options.quick) print('quick: small counts, to see that it works; these figures are not to be quoted');
  const outcomes: Outcome[] = [];
  const known = new Known(options.resume);
  const keep = () => {
    const document = documentOf(outcomes, options, machine);
    if (options.json !== null) write(options.json, document);
  };
  keep(); // a path that can't be written to is told before the first minute, not after the last
  for (const each of options.cases) {
    outcomes.push(await runCase(each, options, known.of(each.name, options.quick), machine));
    keep();
  }
  if (outcomes.length > 1) print(goalsOf(outcomes));
  const missed = misses(outcomes);
  print(missed.length === 0 ? 'every target met' : missed.join('\n'));
  return missed.length === 0 || options.quick ? ExitCode.good : ExitCode.thresholdFailed;
}

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv, cases, groups);
  if (options && options.cases.length > 0) return runAll(options);
  const width = Math.max(...cases.map(({ name }) => name.length));
  if (!options) print(`${usage}\n`);
  for (const { name, about, cases } of groups)
    print(`${name.padEnd(width)}  ${about}: ${cases.map((each) => each.name).join(', ')}`);
  for (const { name, about } of cases) print(`${name.padEnd(width)}  ${about}`);
  return ExitCode.good;
}

let interrupted = false;

/** The first ctrl-C ends what runs and then this process; the second one does not wait. */
function interrupt(): void {
  if (interrupted) process.exit(ExitCode.interrupted);
  interrupted = true;
  void endAll().then(() => process.exit(ExitCode.interrupted));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    if (interrupted) return; // it failed because what it measured was ended
    const bad = error instanceof ArgumentError;
    note(`bench: ${bad ? error.message : error.stack}`);
    process.exit(bad ? ExitCode.badSettings : ExitCode.anythingElse);
  },
);
