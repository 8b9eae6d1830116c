import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { RoomClient, startControlRoom } from '@jobstorm/dashboard';
import { readSettings } from '@jobstorm/program';
import { descendants, freePort, until } from '@jobstorm/testkit';
import { parseBounds, readTune, tuneSettings } from '../../src/tune/tune-settings.ts';
import { resumeTune, saveTune, type TuneState } from '../../src/tune/tune-state.ts';
import { readResult, runCli, startCli } from '../run-cli.ts';

const small = ['--slots', '50:200', '--cpus', '1', '--batch-size', '100', '--batch-delay', '100', '--trials', '5'];
const quick = ['--window', '500ms', '--settle', '0', '--latency', '300ms', '--service-time', '5ms', '--via', 'direct'];

/** What a dashboard with that folder lists. */
async function historyOf(runs: string): Promise<string[]> {
  const room = await startControlRoom({ host: '127.0.0.1', port: 0, runs });
  try {
    const { runs: list } = (await (await fetch(`${room.url}/history`)).json()) as { runs: { id: string }[] };
    return list.map(({ id }) => id);
  } finally {
    await room.close();
  }
}

/** By its command line: it runs jobs. */
const isWorkerProcess = (pid: number) =>
  /worker-process|worker-node\/src\/process/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));

describe('jobstorm tune', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-tune-'));
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('reads bounds, and says what is none', () => {
    assert.deepEqual(parseBounds('250:16000'), [250, 16_000]);
    assert.deepEqual(parseBounds('4'), [4, 4]);
    for (const bad of ['', '0:5', '9:5', 'many', '1:2:3']) assert.throws(() => parseBounds(bad));
    assert.throws(() => readSettings(tuneSettings, ['--goal', 'speed', '--slots', '9:5'], {}), {
      message: /--goal.*speed[\s\S]*--slots.*9:5.* like 250:16000, the smaller one first/,
    });
    assert.throws(() => readSettings(tuneSettings, ['--cpus', '0:1'], {}), {
      message: /two numbers above 0 like 1:\d+,/,
    });
    const { tune } = readTune(['--goal', 'p99<50ms', ...small], {});
    assert.deepEqual(tune.goal, { kind: 'p99', limitUs: 50_000 });
    assert.deepEqual(tune.search.bounds.slots, [50, 200]);
  });

  it('takes up only a tuning on the same terms', () => {
    const state = { tuneVersion: 1 as const, terms: { goal: 'rate', windowMs: 500 }, trials: [] };
    assert.throws(() => resumeTune(dir, state.terms), { message: /^--resume: no tuning was interrupted here/ });
    saveTune(dir, state);
    assert.deepEqual(resumeTune(dir, state.terms), state);
    assert.throws(() => resumeTune(dir, { goal: 'p99<5ms', windowMs: 500 }), {
      message: '--resume: that tuning had goal "rate", this one has "p99<5ms"',
    });
  });

  it('finds a setting of a local cluster in view, writes it down, and goes on with its trials when resumed', async () => {
    const json = join(dir, 'out.json');
    const kept = join(dir, 'kept');
    mkdirSync(kept);
    const keep = (cwd: string) => symlinkSync(kept, join(cwd, '.jobstorm'));
    const port = await freePort();
    const env = { DASHBOARD_PORT: String(port) };
    const first = await runCli(['tune', ...small, ...quick, '--json', json], env, keep);
    assert.equal(first.code, 0, first.stdout + first.stderr);
    assert.match(first.stdout, new RegExp(`^watch it: http://127\\.0\\.0\\.1:${port}/$`, 'm'));
    assert.match(first.stdout, /^trial {2}1 of ~5 {2}100 slots: [\d,]+\/s.*, p99 .*limit: .*\(where it starts\)$/m);
    assert.match(first.stdout, /^found: \d+ slots, 1 CPU,/m);
    for (const line of [/^ {2}limit now \S/m, /^ {2}stopped {3}\S/m, /^ {2}verified {2}\S/m, /^just worker \d+ 1\.0$/m])
      assert.match(first.stdout, line);
    assert.doesNotMatch(first.stdout, /BATCH_MAX_SIZE=/, 'jobs went to the server without batches');
    const { found, run } = readResult(json);
    assert.ok(found!.trials <= 5 && found!.winner.slots >= 50 && found!.winner.slots <= 200);
    assert.equal(found!.tried.length, found!.trials);
    assert.equal(found!.tried.at(-1)!.stage, 'verify');
    assert.deepEqual(await historyOf(join(kept, 'runs')), [run.id], 'the next dashboard shows it');
    const other = await startControlRoom({ host: '127.0.0.1', port });
    const again = await runCli(['tune', ...small, ...quick, '--resume'], env, keep);
    await other.close();
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.doesNotMatch(again.stdout, /^trial /m, 'no finished trial is run again');
    assert.match(again.stdout, new RegExp(`^found: ${found!.winner.slots} slots`, 'm'));
    assert.match(again.stdout, new RegExp(`^dashboard: port ${port} is taken`, 'm'));
    assert.doesNotMatch(again.stdout, new RegExp(`^watch it: .*:${port}/`, 'm'));
  });

  it('ends a trial early that has lost, says so, and ends in good order on ctrl-C', async () => {
    const kept = mkdtempSync(join(dir, 'lost-'));
    const long = ['--window', '60s', '--settle', '100ms', '--service-time', '20ms', '--via', 'direct'];
    const asked = ['tune', '--slots', '50:400', '--cpus', '1', '--batch-size', '100', '--batch-delay', '100', ...long];
    const { tune } = readTune(asked.slice(1), {});
    const held = { batchSize: [100, 100], batchDelayMs: [100, 100] };
    const terms = { goal: 'rate', bounds: { ...tune.search.bounds, ...held }, windowMs: 60_000, jobtype: 'sleep' };
    // As if the first setting had been faster than any will be.
    const measured = { ratePerS: 1e6, usedCores: 1, p99Us: null, bottleneck: 'slots' as const };
    const first = { setting: tune.search.start, stage: 'ramp' as const, measured };
    const state: TuneState = {
      tuneVersion: 1,
      terms: { ...terms, serviceMs: 20, via: 'direct', server: 'local' },
      trials: [first],
    };
    saveTune(kept, state);
    const json = join(kept, 'out.json');
    const keep = (cwd: string) => symlinkSync(join(kept, '.jobstorm'), join(cwd, '.jobstorm'));
    const tuning = startCli([...asked, '--resume', '--json', json], { DASHBOARD_PORT: '0' }, keep);
    const trials = () => (JSON.parse(readFileSync(join(kept, '.jobstorm', 'tune.json'), 'utf8')) as TuneState).trials;
    await until('a trial to be over', () => trials().length > 1, { timeoutMs: 50_000 });
    tuning.child.kill('SIGINT');
    const { code, stdout, stderr } = await tuning.ended;
    assert.equal(code, 105, stdout + stderr);
    assert.match(stdout, /^trial {2}2 of ~\d+ {2}200 slots: [\d,]+\/s.*; lost: ended early/m);
    assert.match(stdout, /^interrupted after 2 trials; the same command with --resume goes on from there$/m);
    assert.deepEqual(
      trials().map(({ endedEarly }) => endedEarly ?? false),
      [false, true],
    );
    const { jobs } = readResult(json);
    assert.deepEqual([jobs.lost, jobs.completed], [0, jobs.accepted], 'ended early, with all of its jobs done');
  });

  it('makes a trial again whose worker was killed, a process of it or all of it, or whose settings somebody changed', async () => {
    const bounds = ['--slots', '100', '--cpus', '2', '--trials', '4', '--window', '2s', '--settle', '0'];
    const jsonl = join(dir, 'again.jsonl');
    const load = ['--service-time', '5ms', '--via', 'direct', '--latency', '0', '--jsonl', jsonl];
    const tuning = startCli(['tune', ...bounds, ...load], { DASHBOARD_PORT: '0' });
    const told = () => (existsSync(jsonl) ? readFileSync(jsonl, 'utf8') : '');
    /** Trials that were made again, as the page is told of them. */
    const again = () =>
      told()
        .split('\n')
        .filter((line) => line.includes('"state":"repeated"'));
    /** The trial of that number has begun to be measured, and goes on. */
    const measuring = async (trial: number) => {
      const isMeasuring = () => told().split('"what":"measuring"')[trial]?.includes('"type":"sample"');
      await until(`trial ${trial}\n${tuning.stdout()}`, isMeasuring, { timeoutMs: 60_000 });
    };
    await measuring(1);
    process.kill(descendants(tuning.pid).find(isWorkerProcess)!, 'SIGKILL');
    await measuring(2);
    const [supervisor] = descendants(tuning.pid).filter((pid) => descendants(pid).some(isWorkerProcess));
    process.kill(supervisor!, 'SIGKILL');
    await measuring(4);
    const room = await RoomClient.connect({ url: /^watch it: (http:\S+)$/m.exec(tuning.stdout())![1]! });
    const [worker] = await room.workers();
    await room.configure(worker!.hello.group, { slots: 77 });
    await measuring(5);
    const slots = (await room.workers()).reduce((sum, { state }) => sum + state.slots.total, 0);
    await room.close();
    tuning.child.kill('SIGINT');
    const { code, stdout, stderr } = await tuning.ended;
    assert.equal(code, 105, stdout + stderr);
    const whys = [/went away/, /went away/, /settings were changed meanwhile: worker on \S+: 100 → 77 slots/];
    assert.equal(again().length, whys.length, stdout);
    for (const [at, why] of whys.entries()) assert.match(again()[at]!, why);
    assert.match(
      stdout,
      /^trial {2}1 of ~\d+ {2}100 slots.*: again, since worker process \d+ on \S+ went away during the run/m,
    );
    assert.match(
      stdout,
      /^trial {2}3 of ~\d+ {2}100 slots.*: [\d,]+\/s/m,
      'with as many processes and slots as before',
    );
    assert.match(stdout, /^trial {2}4 of ~\d+ {2}100 slots.*: again, since settings were changed meanwhile/m);
    assert.equal(slots, 100, 'the setting of the trial is in force again');
  });
});
