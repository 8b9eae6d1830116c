// --scenario: one that is ready by name, or a file. Its settings become perf-test's defaults, so that flags and environment come before them.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  mixFailsForGood,
  mixLimits,
  mixQueues,
  type RunPlan,
  readyScenario,
  readyScenarios,
  type Scenario,
  type ScenarioSettings,
} from '@jobstorm/loadtest';
import { readSettings, SettingsError, type SettingsTable } from '@jobstorm/program';
import { configOf, type PerfTestConfig, perfTestSettings, readPerfTest } from './config.ts';
import { defaultSeed, type LoadValues, plainLoad } from './load-settings.ts';

const isFile = (text: string): boolean => /[/\\]|\.ya?ml$/i.test(text);

/** @throws SettingsError when there is no such scenario, or with every mistake of its file */
export async function findScenario(text: string): Promise<Scenario> {
  if (!isFile(text)) {
    const ready = readyScenario(text);
    if (ready) return ready;
    throw new SettingsError([
      `--scenario: got "${text}", expected a file (NAME.yaml) or a name that --scenario list shows`,
    ]);
  }
  let content: string;
  try {
    content = readFileSync(text, 'utf8');
  } catch (error) {
    throw new SettingsError([`--scenario: ${text} can't be read (${(error as NodeJS.ErrnoException).code})`]);
  }
  const { readScenario } = await import('./scenario-file.ts');
  return readScenario(content, text, basename(text).replace(/\.ya?ml$/i, ''));
}

/** All that are ready, a line each. */
export function scenarioList(): string {
  const rows = readyScenarios.map(({ name, about }) => `  ${name.padEnd(18)}${about}\n`);
  return `${rows.join('')}  FILE.yaml         one of your own: docs/scenarios.md\n`;
}

const paces = ['rate', 'ramp', 'burst', 'tides', 'drain', 'durationMs', 'phase'] as const;

/** What of a scenario's settings is left when these were given: who says how jobs come in says all of it. */
export function settingsLeft(
  settings: ScenarioSettings,
  given: LoadValues & { jobs: number | null },
): ScenarioSettings {
  const left = { ...settings };
  if (paces.some((name) => given[name] !== plainLoad[name]))
    for (const name of [...paces, 'jobs'] as const) delete left[name];
  if (given.jobs !== null) for (const name of ['jobs', 'ramp', 'durationMs'] as const) delete left[name];
  return left;
}

/** The table with the scenario's settings for defaults. */
export function withDefaults<T extends SettingsTable>(settings: T, defaults: ScenarioSettings): T {
  const own = Object.entries(settings).map(([name, setting]) => {
    const value = defaults[name as keyof ScenarioSettings];
    return [name, value === undefined ? setting : { ...setting, default: value }];
  });
  return Object.fromEntries(own) as T;
}

/** As `readPerfTest`, with the scenario that is named. @throws SettingsError with every mistake found */
export async function readScenarioRun(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<PerfTestConfig> {
  const { values } = readPerfTest(argv, env);
  const scenario = await findScenario(values.scenario!);
  const defaults = withDefaults(perfTestSettings, settingsLeft(scenario.settings, values));
  return configOf('perf-test', readSettings(defaults, argv, env), scenario);
}

/** What of a run's plan its scenario decides. */
export function scenarioPlan({ scenario, values }: PerfTestConfig): Partial<RunPlan> {
  if (!scenario) return {};
  const { kinds } = scenario;
  const { serviceMs } = mixLimits(kinds);
  return {
    mix: { seed: values.seed ?? defaultSeed, kinds },
    queues: mixQueues(kinds, values.queue),
    retry: mixFailsForGood(kinds) ? 0 : 1,
    // Twice the longest job, so that none is handed out again while it runs.
    reserveFor: Math.min(86_400, Math.max(60, Math.ceil((serviceMs * 2) / 1000))),
  };
}
