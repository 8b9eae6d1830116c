// `jobstorm compare A.json B.json`: what changed from one result to the other, and whether by more than their noise.

import { compareResults, differencesBetween, faultsForComparison } from '@jobstorm/loadtest';
import {
  asksForHelp,
  type CommandHelp,
  defineSettings,
  ExitCode,
  helpText,
  readSettings,
  reportError,
  SettingsError,
} from '@jobstorm/program';
import { Type } from '@sinclair/typebox';
import { comparisonText } from './comparison-text.ts';
import { readResultFile } from './result-file.ts';
import { makeTerminal, type Terminal } from './terminal.ts';

const file = (positional: number, help: string) => ({
  schema: Type.String({ minLength: 1 }),
  positional,
  default: null,
  help,
  expected: 'a file that --json wrote',
});

export const compareSettings = defineSettings({
  a: file(0, 'the result to compare with'),
  b: file(1, 'the result that is judged'),
  force: {
    schema: Type.Boolean(),
    flag: 'force',
    default: false,
    help: 'compare although machine, server or settings differ, or one of the two was too short or not valid',
    expected: 'true or false',
  },
});

export const compareHelp: CommandHelp = {
  usage: 'jobstorm compare A.json B.json [settings]',
  about:
    'Says of each figure of two results by how much B differs from A, in which interval that lies, and whether B is the same,\n' +
    'better or worse. What counts as a difference is what both vary by: with --repeats from run to run, else from stretch to\n' +
    'stretch of the single run.\n' +
    '\n' +
    'exit codes: 0 same or better, 99 a figure is worse, 104 bad settings, or machine, server or settings differ,\n' +
    '111 one of the two is not valid or had no steady window, 1 anything else',
  examples: [
    ['just perf-test 400000 --repeats 5 --json a.json', 'before a change, and after it the same with b.json'],
    ['just compare a.json b.json', 'did it change anything?'],
  ],
};

/** Runs `jobstorm compare` from its arguments to its exit code. Never throws. */
export async function compare(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(compareHelp, compareSettings));
    return ExitCode.good;
  }
  try {
    return compareFiles(argv, makeTerminal(process.stdout, process.env));
  } catch (error) {
    return reportError('compare', error);
  }
}

/** The exit code. @throws SettingsError when the two are not to be compared */
export function compareFiles(argv: readonly string[], t: Terminal): number {
  const { a: pathA, b: pathB, force } = readSettings(compareSettings, argv, {});
  if (pathA === null || pathB === null) {
    throw new SettingsError(['expected two files that --json wrote: jobstorm compare A.json B.json']);
  }
  const [a, b] = [readResultFile(pathA, 'A'), readResultFile(pathB, 'B')];
  const differences = differencesBetween(a, b);
  if (differences.length > 0 && !force) {
    throw new SettingsError([...differences, 'these are not to be compared; --force does it all the same']);
  }
  const faults = [
    ...faultsForComparison(a).map((fault) => `${pathA}: ${fault}`),
    ...faultsForComparison(b).map((fault) => `${pathB}: ${fault}`),
  ];
  for (const sentence of [...differences, ...faults]) t.write(t.yellow(`${sentence}\n`));
  if (faults.length > 0 && !force) return ExitCode.notValid;
  const found = compareResults(a, b);
  t.write(comparisonText(found, [pathA, pathB], t));
  t.write(`${t.bold(`B is ${found.finding === 'same' ? 'the same as' : `${found.finding} than`} A`)}\n`);
  return found.finding === 'worse' ? ExitCode.thresholdFailed : ExitCode.good;
}
