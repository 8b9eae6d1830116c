import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseLoad, type LoadValues, parseBursts, parseRamp, plainLoad } from '../src/load-settings.ts';

function choose(values: Partial<LoadValues>, jobs: number | null = null) {
  const mistakes: string[] = [];
  return { choice: chooseLoad({ ...plainLoad, ...values }, jobs, mistakes), mistakes };
}

test('each way to say how jobs come in makes its model, with the jobs that it comes to', () => {
  const cases: [Partial<LoadValues>, number | null, string, number, number | null][] = [
    [{}, null, 'closed', 10_000, null],
    [{}, 7, 'closed', 7, null],
    [{ rate: 2500, durationMs: 4000 }, null, 'rate', 10_000, 2500],
    [{ rate: 2500 }, 500, 'rate', 500, 2500],
    [{ ramp: '1000:20000/60s' }, null, 'ramp', 630_000, 10_500],
    [{ burst: '50/200ms', durationMs: 1000 }, null, 'bursts', 250, 250],
    [{ burst: '50/200ms' }, 120, 'bursts', 120, 250],
    [{ tides: 3 }, 90, 'tides', 90, null],
    [{ durationMs: 5000, backlog: 77 }, null, 'backlog', 100_000_000, null],
  ];
  for (const [values, jobs, kind, wanted, ratePerS] of cases) {
    const { choice, mistakes } = choose(values, jobs);
    assert.deepEqual(mistakes, []);
    assert.deepEqual(
      [choice.load.kind, choice.jobs, choice.ratePerS],
      [kind, wanted, ratePerS],
      JSON.stringify(values),
    );
  }
});

test('workers are held back for a drain, and where one part is measured alone', () => {
  const held = (values: Partial<LoadValues>) => [choose(values).choice.held, choose(values).choice.measured];
  assert.deepEqual(held({}), [false, 'both']);
  assert.deepEqual(held({ drain: true }), [true, 'both']);
  assert.deepEqual(held({ phase: 'enqueue' }), [true, 'enqueue']);
  assert.deepEqual(held({ phase: 'process' }), [true, 'process']);
});

test('what contradicts itself is said, all together', () => {
  const said = (values: Partial<LoadValues>, jobs: number | null = null) => choose(values, jobs).mistakes.join('\n');
  assert.match(said({ rate: 1, ramp: '1:2/1m' }), /--rate and --ramp each say when/);
  assert.match(said({ rate: 5, durationMs: 3000 }, 9), /JOBS and --duration both/);
  assert.match(said({ ramp: '1:2/1m' }, 9), /JOBS and --ramp both/);
  assert.match(said({ tides: 2, durationMs: 9 }), /--tides has an end of its own/);
  assert.match(said({ drain: true, rate: 5 }), /--drain queues all jobs .* leave --rate out/);
  assert.match(said({ phase: 'process', durationMs: 5 }), /--phase process queues all jobs .* leave --duration out/);
  assert.match(said({ drain: true, phase: 'process' }), /leave out either/);
  assert.match(said({ phase: 'enqueue', tides: 2 }), /--tides needs workers/);
  assert.match(said({ phase: 'enqueue', durationMs: 2 }), /--duration without a rate needs workers/);
  assert.equal(said({ phase: 'enqueue', rate: 100, durationMs: 2000 }), '');
  assert.match(said({ rate: 0.1, durationMs: 1000 }), /--rate x --duration is 0 jobs/);
  assert.match(said({ tides: 5 }, 3), /got 5 for 3 jobs/);
  assert.equal(choose({ rate: 1, burst: '5/1s', drain: true }, 3).mistakes.length, 2);
});

test('ramps and bursts as they are written', () => {
  assert.deepEqual(parseRamp('1000:20000/60s, 500/1.5s'), [
    { fromPerS: 1000, toPerS: 20_000, overMs: 60_000 },
    { fromPerS: 500, toPerS: 500, overMs: 1500 },
  ]);
  assert.deepEqual(parseBursts('5000/10s'), { jobs: 5000, everyMs: 10_000 });
  for (const text of ['', '5', '1:2', '1:2/0s', '-1:2/5s', '1:2/5s,', '1:1e9/5s'])
    assert.throws(() => parseRamp(text), Error, text);
  for (const text of ['', '5', '0/5s', '1.5/5s', '5/0ms', '5/soon'])
    assert.throws(() => parseBursts(text), Error, text);
});
