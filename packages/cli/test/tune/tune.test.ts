import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readSettings } from '@jobstorm/program';
import { parseBounds, readTune, tuneSettings } from '../../src/tune/tune-settings.ts';
import { resumeTune, saveTune } from '../../src/tune/tune-state.ts';
import { runCli } from '../run-cli.ts';

const small = ['--slots', '50:200', '--cpus', '1', '--batch-size', '100', '--batch-delay', '100', '--trials', '5'];
const quick = ['--window', '500ms', '--settle', '100ms', '--service-time', '5ms', '--via', 'direct'];

describe('jobstorm tune', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-tune-'));
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('reads bounds, and says what is none', () => {
    assert.deepEqual(parseBounds('250:16000'), [250, 16_000]);
    assert.deepEqual(parseBounds('4'), [4, 4]);
    for (const bad of ['', '0:5', '9:5', 'many', '1:2:3']) assert.throws(() => parseBounds(bad));
    assert.throws(() => readSettings(tuneSettings, ['--goal', 'speed', '--slots', '9:5'], {}), {
      message: /--goal.*speed[\s\S]*--slots.*9:5/,
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
    const first = await runCli(['tune', ...small, ...quick, '--json', json], {}, keep);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^watch it: http:\/\/127\.0\.0\.1:\d+\/$/m);
    assert.match(first.stdout, /^trial {2}1 of ~5 /m);
    assert.match(first.stdout, /^found: \d+ slots, 1 CPUs/m);
    assert.match(first.stdout, /just worker \d+ 1\.0/);
    const { found } = JSON.parse(readFileSync(json, 'utf8'));
    assert.ok(found.trials <= 5 && found.winner.slots >= 50 && found.winner.slots <= 200);
    const again = await runCli(['tune', ...small, ...quick, '--resume'], {}, keep);
    assert.equal(again.code, 0, again.stderr);
    assert.doesNotMatch(again.stdout, /^trial /m, 'no finished trial is run again');
    assert.match(again.stdout, new RegExp(`^found: ${found.winner.slots} slots`, 'm'));
  });
});
