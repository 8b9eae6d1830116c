import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SettingsError } from '@jobstorm/program';
import { readScenario } from '../src/scenario-file.ts';

function mistakesOf(text: string): readonly string[] {
  try {
    readScenario(text, 'a.yaml', 'a');
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

test('the example in the docs is a scenario', () => {
  const text = readFileSync(new URL('../../../docs/scenario-example.yaml', import.meta.url), 'utf8');
  const { name, settings, kinds } = readScenario(text, 'x.yaml', 'x');
  assert.equal(name, 'web shop');
  assert.deepEqual(settings, { ramp: '200:2000/20s,2000/20s', concurrency: 500, cpus: 2, queue: 'shop' });
  assert.deepEqual(
    kinds.map(({ jobtype }) => jobtype),
    ['add', 'sleep', 'payload', 'noop'],
  );
  assert.deepEqual(kinds[1]!.service, { kind: 'lognormal', median: 20, p95: 120 });
  assert.deepEqual([kinds[1]!.failShare, kinds[1]!.retry, kinds[1]!.queue], [0.01, 3, 'mail']);
  assert.deepEqual(kinds[2]!.bytes, { kind: 'uniform', from: 1000, to: 20_000 });
  assert.deepEqual(kinds[3]!.delay, { kind: 'fixed', value: 5000 });
});

test('what is left unsaid is as in any run', () => {
  const { name, settings, kinds } = readScenario('jobs: [{type: sleep, service: 20}]', 'a.yaml', 'a');
  assert.deepEqual([name, settings], ['a', {}]);
  const [{ weight, queues, failShare, retry, service, delay } = assert.fail()] = kinds;
  assert.deepEqual([weight, queues, failShare, retry, delay], [1, 1, 0, null, null]);
  assert.deepEqual(service, { kind: 'fixed', value: 20 });
});

test('every mistake is told with its line and column, all together', () => {
  const text = [
    'nmae: typo',
    'load:',
    '  rate: fast',
    '  phase: some',
    'jobs:',
    '  - type: sleep',
    '    weight: -1',
    '    service: {uniform: [1ms]}',
    '  - weight: 2',
    '  - type: "a b"',
    '',
  ].join('\n');
  assert.deepEqual(mistakesOf(text), [
    'a.yaml:1:1: "nmae" is not known here',
    'a.yaml:3:9: load.rate: got "fast", expected number',
    'a.yaml:4:10: load.phase: got "some", expected both, enqueue, process',
    'a.yaml:7:13: jobs.0.weight: got -1, expected number to be greater than 0',
    'a.yaml:8:14: jobs.0.service: got {"uniform":["1ms"]}, expected a value, or uniform, exponential or lognormal with their values',
    'a.yaml:9:5: jobs.1.type is missing',
    'a.yaml:10:11: jobs.2.type: got "a b", expected a name or a duration in its usual form',
  ]);
});

test('what the schema can’t say is told as well', () => {
  const text = [
    'load: {ramp: up, burst: "5"}',
    'jobs:',
    '  - {type: add, bytes: 5, service: 5ms}',
    '  - {type: sleep, service: {uniform: [9ms, 2ms]}}',
    '  - {type: sleep, service: {lognormal: {median: 10ms, p95: 5ms}}}',
    '  - {type: my.own, fail: 0.1}',
    '  - {type: sleep, service: 2h}',
  ].join('\n');
  assert.deepEqual(
    mistakesOf(text).map((mistake) => mistake.replace(/: .*: /, ' ')),
    [
      'a.yaml:1:14 expected the like of 1000:20000/60s',
      'a.yaml:1:25 expected the like of 5000/10s',
      'a.yaml:3:24 jobs of type add take two numbers and nothing else',
      'a.yaml:3:36 is for jobs of type sleep or spin',
      'a.yaml:4:28 its first value is above its second',
      'a.yaml:5:28 expected a median above 0 and a p95 above the median',
      'a.yaml:6:26 is for job types that are built in',
      'a.yaml:7:28 expected at most 10 minutes',
    ],
  );
  const [together] = mistakesOf('jobs: [{type: my.own}, {type: noop, fail: 0.1, retry: 2}]');
  assert.match(together!, /^a\.yaml:1:7: jobs: either all jobs that may fail are retried/);
  const both = mistakesOf('jobs: [{type: add, service: 5ms}, {typ: noop}]');
  assert.deepEqual(both.length, 3, 'the form of one kind and the meaning of another are told together');
});

test('what is no YAML is told with its place, and what unfolds without end is refused', () => {
  assert.match(mistakesOf('jobs:\n  - {type: add')[0]!, /^a\.yaml:2:\d+: ./);
  assert.match(mistakesOf('a: 1\na: 2\njobs: []')[0]!, /^a\.yaml:2:1: Map keys must be unique/);
  const bomb = Array.from({ length: 9 }, (_, i) => `k${i}: &k${i} [${`*k${i - 1},`.repeat(i === 0 ? 0 : 9)}x]`);
  assert.match(mistakesOf(bomb.join('\n'))[0]!, /alias/i);
  assert.match(mistakesOf('')[0]!, /^a\.yaml:1:1: /);
  assert.match(mistakesOf('just text')[0]!, /^a\.yaml:1:1: /);
});
