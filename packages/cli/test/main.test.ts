import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from './run-cli.ts';

const oneLine = (text: string) =>
  assert.equal(text.trimEnd().split('\n').length, 1, `expected one line, got:\n${text}`);

test('an unknown command: one sentence with a suggestion, 104', async () => {
  const { code, stderr, stdout } = await runCli(['perf-tset', '100']);
  assert.deepEqual([code, stdout], [104, '']);
  oneLine(stderr);
  assert.match(stderr, /unknown command "perf-tset"; did you mean perf-test\?/);
});

test('names that objects have are no commands', async () => {
  assert.equal((await runCli(['constructor'])).code, 104);
});

test('-h lists the commands, --version is a version', async () => {
  const help = await runCli(['-h']);
  assert.equal(help.code, 0);
  for (const command of ['perf-test', 'server', 'worker', 'api', 'dashboard'])
    assert.match(help.stdout, new RegExp(`  ${command} `));
  const version = await runCli(['--version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

test('every command teaches on -h', async () => {
  for (const command of ['perf-test', 'server', 'worker', 'api', 'dashboard']) {
    const { code, stdout, stderr } = await runCli([command, '-h']);
    assert.deepEqual([code, stderr], [0, ''], command);
    assert.match(stdout, new RegExp(`usage: jobstorm ${command}[\\s\\S]*examples:`), command);
  }
});

test('bad settings: a sentence each, 104, before anything starts', async () => {
  const cases: [string[], RegExp][] = [
    [['--frobnicate', '3'], /unknown flag --frobnicate/],
    [['--cpsu', '3'], /did you mean --cpus\?/],
    [['0'], /JOBS: got "0", expected a whole number from 1 to 100000000/],
    [['--concurrency', 'many'], /--concurrency: got "many"/],
    [['--via', 'pigeon'], /expected batch, api or direct/],
    [['--json', '/no/such/folder/out.json'], /--json: got "\/no\/such\/folder\/out\.json"/],
    [['--json', '.'], /--json: got "\.", expected a file/],
  ];
  for (const [args, expected] of cases) {
    const { code, stdout, stderr } = await runCli(['perf-test', ...args]);
    assert.deepEqual([code, stdout], [104, ''], args.join(' '));
    assert.match(stderr, expected);
    for (const line of stderr.trimEnd().split('\n')) assert.match(line, /^jobstorm perf-test: /);
  }
});
