import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPerfTest } from '../src/config.ts';
import { againstArguments } from '../src/judge-settings.ts';

test('--against: sets of flags, with and without dashes', () => {
  assert.deepEqual(againstArguments(null), []);
  assert.deepEqual(againstArguments('concurrency=4000'), [['--concurrency=4000']]);
  assert.deepEqual(againstArguments(' --via=direct  rate=3000 ; drain-free=1;'), [
    ['--via=direct', '--rate=3000'],
    ['--drain-free=1'],
  ]);
});

test('--against: what is the same for all can not be changed, and what is no flag is said', () => {
  for (const flag of ['url=tcp://10.0.0.1', 'json=b.json', 'repeats=3', 'against=cpus=1', 'baseline=a.json']) {
    assert.throws(() => againstArguments(flag), { message: `--against can't change --${flag.split('=')[0]}` });
  }
  assert.throws(() => againstArguments('concurrency 4000'), /got "4000", expected flags like concurrency=4000/);
});

test('defaults judge nothing', () => {
  const { repeats, against, overhead, baseline, force, thresholdAbort } = readPerfTest([], {}).values;
  assert.deepEqual([repeats, against, overhead, baseline, force, thresholdAbort], [1, null, null, null, null, null]);
});
