import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, test } from 'node:test';
import type { RunResult } from '@jobstorm/loadtest';
import { compareFiles } from '../src/compare-command.ts';
import { makeTerminal } from '../src/terminal.ts';
import { jsonPath, runCli } from './run-cli.ts';

const openRun = ['perf-test', '--rate', '400', '--duration', '4s', '--cpus', '1'];
const real = jsonPath();
let result: RunResult;

before(async () => {
  const { code, stdout, stderr } = await runCli([...openRun, '--json', real]);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  result = JSON.parse(readFileSync(real, 'utf8'));
  // How steady it was is this machine's affair: what is compared below varies by 2%.
  const { throughput, latencyUs } = result;
  const known = (value: number) => ({ low: 0.98 * value, high: 1.02 * value, spread: 0.02, batches: 20 });
  const { p50, p95, p99 } = latencyUs.endToEnd!;
  result.throughput.steadyWindowS = 2;
  result.precision = {
    steadyWindow: { startMs: 1, endMs: 2001, jobs: 800 },
    completePerS: { ...known(throughput.completePerS!), batchS: 0.1, effectiveSamples: 20 },
    latencyUs: { p50: known(p50), p95: known(p95), p99: known(p99) },
  };
  writeFileSync(real, JSON.stringify(result));
});

/** A copy of the real run's result with that much changed. */
function variant(changes: Partial<RunResult>): string {
  const path = jsonPath();
  writeFileSync(path, JSON.stringify({ ...result, ...changes }));
  return path;
}

/** Twenty times as fast: no noise of a busy machine hides that. */
const faster = () => variant({ throughput: { ...result.throughput, completePerS: 8000 } });

function compare(...argv: string[]): { code: number; text: string } {
  let text = '';
  const code = compareFiles(argv, makeTerminal({ write: (more: string) => (text += more) }, {}));
  return { code, text };
}

test('a run is the same as itself, with an interval for rate and latencies', () => {
  const { code, text } = compare(real, real);
  assert.equal(code, 0);
  assert.match(text, /completed .* \+?0\.0% .* same\n/);
  assert.match(text, /latency p99 .* -[\d.]+% to (> )?\+[\d.]+% +same\n/);
  assert.match(text, /B is the same as A\n$/);
});

test('slower than before: worse, 99; faster: better, 0', () => {
  const worse = compare(faster(), real);
  assert.equal(worse.code, 99, worse.text);
  assert.match(worse.text, /completed +8,000\/s +\d+\/s +-9\d\.\d% .* worse\n[\s\S]*B is worse than A\n$/);
  const better = compare(real, faster());
  assert.deepEqual([better.code, /B is better than A\n$/.test(better.text)], [0, true], better.text);
});

test('another machine or other settings are refused, unless forced', () => {
  const other = variant({
    environment: { ...result.environment, cpus: 512 },
    config: { ...result.config, concurrency: 7 },
  });
  assert.throws(() => compare(real, other), /cpus \d+ and 512[\s\S]*concurrency 2000 and 7[\s\S]*--force/);
  assert.equal(compare(real, other, '--force').code, 0);
});

test('what is not valid or was not steady is not judged: 111', () => {
  const short = variant({ throughput: { ...result.throughput, steadyWindowS: null } });
  const { code, text } = compare(real, short);
  assert.equal(code, 111);
  assert.match(text, /no steady window/);
  assert.equal(compare(real, variant({ valid: false, invalidBecause: ['it stood still'] })).code, 111);
});

test('what is no result is refused with its path', () => {
  for (const content of ['', '[]', '{"schemaVersion":2}', JSON.stringify({ ...result, jobs: null })]) {
    const path = jsonPath();
    writeFileSync(path, content);
    assert.throws(() => compare(real, path), {
      code: 'ESETTINGS',
      message: new RegExp(`B: got "${path}", expected a result`),
    });
  }
  assert.throws(() => compare(real), /expected two files/);
});

test('--baseline: a run that is worse ends in 99 and says in what, and one with other settings does not start', async () => {
  const json = jsonPath();
  const attempt = () => runCli([...openRun, '--baseline', faster(), '--json', json]);
  let { code, stdout } = await attempt();
  // A machine that others fill may keep any run from being steady, and that is said first.
  for (let again = 0; again < 2 && /the run had no steady window/.test(stdout); again++)
    ({ code, stdout } = await attempt());
  assert.equal(code, 99, stdout);
  assert.match(stdout, /against \S+: worse, FAILED\n/);
  const { baseline } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  assert.equal(baseline?.figures.find(({ path }) => path === 'throughput.completePerS')?.finding, 'worse');
  const other = await runCli(['perf-test', '100', '--baseline', real]);
  assert.equal(other.code, 104, other.stdout);
  assert.match(other.stderr, /the settings differ: jobs/);
  assert.doesNotMatch(other.stdout, /completed/);
  const none = await runCli(['perf-test', '100', '--baseline', `${real}.none`]);
  assert.equal(none.code, 104, none.stdout);
  assert.equal(none.stdout, '', 'a cluster was started');
  assert.match(none.stderr, /--baseline: got .*, expected a result/);
});

test('--repeats and --against: runs in turns on one cluster, each setting with its range, compared', async () => {
  const json = jsonPath();
  const { code, stdout } = await runCli([
    ...['perf-test', '300', '--cpus', '1', '--repeats', '2', '--against', 'concurrency=7', '--force', '--json', json],
  ]);
  assert.equal(code, 111, `too short to be compared: ${stdout}`);
  const order = [...stdout.matchAll(/^(?:warming up|run \d of 2(?: with concurrency=7)?)/gm)].map(([line]) => line);
  const [own, other] = ['run 1 of 2', 'run 1 of 2 with concurrency=7'];
  assert.deepEqual(order, [
    ...['warming up', own, 'warming up', other],
    ...['run 2 of 2 with concurrency=7', 'warming up', 'run 2 of 2'],
  ]);
  const joined = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  assert.deepEqual(
    joined.repeats?.runs.map(({ jobs }) => [jobs.completed, jobs.lost]),
    [
      [300, 0],
      [300, 0],
    ],
  );
  const { min, median, max, values } = joined.repeats!.figures['throughput.completePerS']!;
  assert.ok(min <= median && median <= max && values.length === 2);
  const [against] = joined.against!;
  assert.deepEqual([against?.flags, against?.config.concurrency], ['concurrency=7', 7]);
});
