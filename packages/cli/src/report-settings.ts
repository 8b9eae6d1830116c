// The settings that say where a run's reports go. Each file is written also when the run fails.

import { defineSettings, type SettingsOf } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';

function fileSetting<Flag extends string>(flag: Flag, help: string) {
  return {
    schema: Type.String({ minLength: 1 }),
    flag,
    default: null,
    value: 'FILE',
    help,
    expected: 'the path of a file',
  };
}

export const reportSettings = defineSettings({
  json: fileSetting('json', 'write the result to this file, also when the run fails; so do the others below'),
  jsonl: fileSetting('jsonl', 'write what happens while it happens, twice a second, a JSON line each'),
});

export type ReportValues = SettingsOf<typeof reportSettings>;

/** Flags of theirs; advice does not repeat them. */
export const reportFlags: readonly string[] = Object.values(reportSettings).map(({ flag }) => flag);

/** No report at all. */
export const noReports = Object.fromEntries(Object.keys(reportSettings).map((name) => [name, null])) as {
  [Name in keyof ReportValues]: null;
};
