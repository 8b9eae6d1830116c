import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readyScenarios } from '@jobstorm/loadtest';
import { SettingsError } from '@jobstorm/program';
import { plainLoad } from '../src/load-settings.ts';
import { readScenarioRun, scenarioList, scenarioPlan, settingsLeft } from '../src/scenario-choice.ts';

async function mistakesOf(argv: string[]): Promise<readonly string[]> {
  try {
    await readScenarioRun(argv, {});
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

test('every ready scenario is a run as it stands, and is listed', async () => {
  for (const { name, kinds } of readyScenarios) {
    const config = await readScenarioRun(['--scenario', name], {});
    assert.equal(config.shape.jobtype, name);
    assert.deepEqual(scenarioPlan(config).mix, { seed: 1, kinds });
    assert.match(scenarioList(), new RegExp(`^ {2}${name} `, 'm'));
  }
});

test('flags and environment come before a scenario’s settings', async () => {
  const config = await readScenarioRun(['--scenario', 'io-bound', '--seed', '9'], { WORKER_CONCURRENCY: '77' });
  assert.deepEqual([config.jobs, config.values.concurrency, config.values.seed], [50_000, 77, 9]);
  assert.equal((await readScenarioRun(['123', '--scenario', 'io-bound'], {})).jobs, 123);
  const turbine = await readScenarioRun(['--scenario', 'turbine', '--rate', '10', '--duration', '2s'], {});
  assert.deepEqual([turbine.jobs, turbine.load.ratePerS], [20, 10]);
  assert.deepEqual(
    (await readScenarioRun(['--scenario', 'celery-asynctasq', '--duration', '1s'], {})).load.held,
    false,
  );
});

test('who says how jobs come in says all of it, and JOBS alone leaves the pace', () => {
  const settings = { rate: 5, durationMs: 9, jobs: 3, concurrency: 8 };
  assert.deepEqual(settingsLeft(settings, { ...plainLoad, jobs: null }), settings);
  assert.deepEqual(settingsLeft(settings, { ...plainLoad, jobs: 7 }), { rate: 5, concurrency: 8 });
  assert.deepEqual(settingsLeft(settings, { ...plainLoad, drain: true, jobs: null }), { concurrency: 8 });
});

test('a worker of the run’s own gets every queue, a plan the longest reservation that it needs', async () => {
  const config = await readScenarioRun(['--scenario', 'many-queues', '--queue', 'q'], {});
  const { queues, retry, reserveFor } = scenarioPlan(config);
  assert.deepEqual([queues?.length, queues?.[49], retry, reserveFor], [50, 'q-50', 1, 60]);
  assert.equal(scenarioPlan(await readScenarioRun(['--scenario', 'faktory-load'], {})).retry, 0);
});

test('what does not go with a scenario is said', async () => {
  assert.match((await mistakesOf(['--scenario', 'nosuch']))[0]!, /got "nosuch", expected a file .* --scenario list/);
  assert.match((await mistakesOf(['--scenario', './nosuch.yaml']))[0]!, /nosuch\.yaml can't be read \(ENOENT\)/);
  assert.match((await mistakesOf(['--scenario', 'noop', '--jobtype', 'add']))[0]!, /leave --jobtype out/);
  assert.match(
    (await mistakesOf(['--scenario', 'delayed', '--patience', '5s']))[0]!,
    /delayed by up to 10 s: give --patience/,
  );
});
