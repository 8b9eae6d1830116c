import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPerfTest } from '../src/config.ts';
import { overheadText, withOverhead } from '../src/overhead.ts';
import { makeTerminal } from '../src/terminal.ts';
import { jsonPath, readResult, runCli } from './run-cli.ts';

test('--overhead: five runs each unless told, with recording twice and without it', () => {
  const repeatsOf = (...argv: string[]) => withOverhead(readPerfTest(['--overhead', ...argv], {})).values.repeats;
  assert.deepEqual([repeatsOf(), repeatsOf('--repeats', '3')], [5, 3]);
  const { recorded, turns } = withOverhead(readPerfTest(['--overhead'], {}));
  assert.deepEqual([recorded, ...turns.map(({ config }) => config.recorded)], [true, true, false]);
  assert.throws(() => readPerfTest(['--overhead', '--against', 'concurrency=7'], {}), /--overhead and --against/);
  assert.throws(() => readPerfTest(['--overhead', '--phase', 'enqueue'], {}), /leave --phase enqueue out/);
});

test('what it found is said with its interval and beside what two equal settings differed by', () => {
  const same = { finding: 'same', equalFinding: 'same' } as const;
  const cpu = { on: 5.3, off: 5, cost: 0.3, costLow: -0.1, costHigh: 0.7, equalDiffer: 0.2, ...same };
  const perS = { on: 9000, off: 10_000, cost: -1000, costLow: -1500, costHigh: -500, equalDiffer: 120, ...same };
  const t = makeTerminal({ write: () => true }, {});
  const text = overheadText({ cpuUsPerJob: cpu, completePerS: { ...perS, finding: 'worse' }, basis: '5 pairs' }, t);
  assert.match(
    text,
    /recording cost 0\.30 \(-0\.10 to 0\.70\) us of worker CPU a job, 5\.30 with it and 5\.00 without/,
  );
  assert.match(text, /; two equal settings differed by 0\.20: same\n/);
  assert.match(text, /rate by -1,000\/s \(-1,500\/s to -500\/s\), 9,000\/s .* differed by \+120\/s: worse\n/);
  const wide = overheadText({ cpuUsPerJob: { ...cpu, costHigh: 1e17 }, completePerS: null, basis: '2 pairs' }, t);
  assert.match(wide, /\(-0\.10 to more than 50\.00\)[\s\S]*rate: not measured\n/);
});

test('--overhead: in turns on one cluster; without recording nothing is timed and nothing is lost', async () => {
  const json = jsonPath();
  const { code, stdout } = await runCli([
    'perf-test',
    '300',
    '--cpus',
    '1',
    '--overhead',
    '--repeats',
    '2',
    '--json',
    json,
  ]);
  assert.equal(code, 111, `too short to be compared: ${stdout}`);
  const order = [...stdout.matchAll(/^(?:warming up|run \d of 2(?: with recording \w+(?: again)?)?)/gm)].map(
    ([line]) => line,
  );
  assert.deepEqual(order, [
    ...['warming up', 'run 1 of 2', 'run 1 of 2 with recording on again', 'run 1 of 2 with recording off'],
    ...['run 2 of 2 with recording off', 'run 2 of 2 with recording on again', 'run 2 of 2'],
  ]);
  const timed = [...stdout.matchAll(/^run \d of 2.*$/gm)].map(([line]) => line.includes('p99'));
  assert.deepEqual(timed, [true, true, false, false, true, true]);
  assert.match(
    stdout,
    /what recording costs\n {2}(recording cost .* us of worker CPU a job|CPU of the workers: not measured)/,
  );
  const { overhead, jobs, invalidBecause } = readResult(json);
  assert.ok(overhead?.completePerS && overhead.completePerS.off > 0 && overhead.completePerS.equalDiffer !== null);
  assert.deepEqual([jobs.completed, jobs.lost], [300, 0]);
  // Not that workers recorded what they should not.
  assert.doesNotMatch(invalidBecause.join(), /--overhead/);
});
