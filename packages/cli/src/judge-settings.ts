// The settings that say how often a run is made and how its result is judged, not what is measured.

import { defineSettings, SettingsError, type SettingsOf } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';

export const judgeSettings = defineSettings({
  thresholdAbort: {
    schema: Type.Boolean(),
    flag: 'threshold-abort',
    default: null,
    help: 'end the run as soon as a threshold can not hold any more (those of rates and latencies from 5 s on)',
    expected: 'true or false',
  },
  repeats: {
    schema: Type.Integer({ minimum: 1, maximum: 100 }),
    flag: 'repeats',
    default: 1,
    value: 'N',
    help: 'run it so many times on the same cluster, after a short run to warm up, and give median and range',
    expected: 'a whole number from 1 to 100',
  },
  against: {
    schema: Type.String({ minLength: 1 }),
    flag: 'against',
    default: null,
    value: 'FLAG=VALUE',
    help: 'run it with these flags changed as well, in turns, and compare: concurrency=4000 (several: blanks; other sets: ;)',
    expected: 'flags of this command, like concurrency=4000',
  },
  overhead: {
    schema: Type.Boolean(),
    flag: 'overhead',
    default: null,
    help: 'what recording costs: in turns with it, with it again, and without it (--repeats 5 unless you say more)',
    expected: 'true or false',
  },
  batching: {
    schema: Type.Boolean(),
    flag: 'batching',
    default: null,
    help: 'what batches cost a job and buy: in turns as they are, and with each job alone (--repeats 5 unless you say more)',
    expected: 'true or false',
  },
  baseline: {
    schema: Type.String({ minLength: 1 }),
    flag: 'baseline',
    default: null,
    value: 'FILE',
    help: 'fail with exit code 99 when the run is worse than the one whose --json this is, by more than the noise of both',
    expected: 'a file that --json wrote',
  },
  force: {
    schema: Type.Boolean(),
    flag: 'force',
    default: null,
    help: 'with --baseline: compare although machine, server or settings differ',
    expected: 'true or false',
  },
});

export type JudgeValues = SettingsOf<typeof judgeSettings>;

/** Flags of theirs; advice does not repeat them, and --against can't change them. */
export const judgeFlags: readonly string[] = Object.values(judgeSettings).map(({ flag }) => flag);

/** One run, judged by nothing. */
export const noJudging: JudgeValues = {
  thresholdAbort: null,
  repeats: 1,
  against: null,
  overhead: null,
  batching: null,
  baseline: null,
  force: null,
};

/** A table without these settings, for a command whose runs are judged in another way. */
export function withoutJudging<T extends typeof judgeSettings>(table: T): Omit<T, keyof typeof judgeSettings> {
  const {
    thresholdAbort: _abort,
    repeats: _repeats,
    against: _against,
    overhead: _overhead,
    batching: _batching,
    baseline: _base,
    force: _force,
    ...rest
  } = table;
  return rest;
}

/** Where a run takes place, what it is judged by and where its result goes: the same for all that take turns. */
const fixedFlags = new Set([
  ...['url', 'password', 'api', 'control', 'token', 'queue', 'threshold', 'patience', 'scenario'],
  ...['drain', 'phase', 'json', 'jsonl', 'html', 'junit', 'markdown', 'hgrm'],
  ...judgeFlags,
]);

/**
 * The arguments of each setting that takes turns with the first: `a=1 b=2; a=3` → [[--a=1, --b=2], [--a=3]].
 * @throws SettingsError
 */
export function againstArguments(against: string | null): string[][] {
  const sets = (against ?? '').split(';').map((set) => set.split(/\s+/).filter((word) => word !== ''));
  const given = sets.filter((words) => words.length > 0);
  const mistakes = given.flat().flatMap((word) => {
    const flag = /^(?:--)?([a-z][a-z-]*)(?:=.+)?$/.exec(word)?.[1];
    if (flag === undefined) return [`--against: got "${word}", expected flags like concurrency=4000`];
    return fixedFlags.has(flag) ? [`--against can't change --${flag}`] : [];
  });
  if (mistakes.length > 0) throw new SettingsError(mistakes);
  return given.map((words) => words.map((word) => (word.startsWith('--') ? word : `--${word}`)));
}
