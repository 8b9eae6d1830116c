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
  html: fileSetting('html', 'write the run with its plots as one HTML file that needs nothing else'),
  junit: fileSetting('junit', 'write what the run is held to as a JUnit file, for CI'),
  markdown: fileSetting('markdown', 'write a summary in Markdown; to the file of $GITHUB_STEP_SUMMARY it is appended'),
  hgrm: fileSetting('hgrm', 'write the latencies as a percentile distribution in the format of HdrHistogram'),
  stepSummary: {
    schema: Type.String(),
    env: ['GITHUB_STEP_SUMMARY'],
    default: null,
    help: 'file that GitHub collects summaries in; --markdown appends to it and never overwrites it',
    expected: 'the path of a file',
    secret: true,
  },
});

export type ReportValues = SettingsOf<typeof reportSettings>;

/** Flags of theirs; advice does not repeat them. */
export const reportFlags: readonly string[] = Object.values(reportSettings).flatMap((setting) =>
  'flag' in setting ? [setting.flag] : [],
);

/** No report at all. */
export const noReports = Object.fromEntries(Object.keys(reportSettings).map((name) => [name, null])) as {
  [Name in keyof ReportValues]: null;
};
