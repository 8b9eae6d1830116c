// A tuning of a cluster that runs on this host without containers, by the checkout that started it: CPUs change by another process of
// the worker, what was found stays in force, and ctrl-C puts back what was there before.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Checkout, freePort, type Recipe, until } from '@jobstorm/testkit';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const bounds = ['--slots', '40:80', '--cpus', '1:2', '--batch-size', '100', '--batch-delay', '100'];
const search = [...bounds, '--trials', '4', '--window', '600ms', '--settle', '100ms', '--latency', '0'];

let checkout: Checkout;
let env: Record<string, string>;

const tunings: Recipe[] = [];

/** Starts one and settles when its first trial is over and written down: one that can't be judged is shown, too, but made again. */
async function begun(...more: string[]): Promise<Recipe> {
  const tuning = checkout.startJobstorm(['tune', ...search, ...more], env);
  tunings.push(tuning);
  const state = join(checkout.dir, '.jobstorm', 'tune.json');
  rmSync(state, { force: true });
  await until('a first trial', () => existsSync(state), { timeoutMs: 60_000 });
  return tuning;
}

/** What the checkout noted of its worker. */
function worker(): { pid: number; args: string[] } {
  return JSON.parse(readFileSync(join(checkout.dir, '.jobstorm', 'parts', 'worker.json'), 'utf8'));
}

async function good(...args: string[]): Promise<string> {
  const { code, output } = await checkout.jobstorm(args, env);
  assert.equal(code, 0, `jobstorm ${args.join(' ')}\n${output}`);
  return output;
}

before(async () => {
  checkout = new Checkout(root);
  const free = await freePort(4);
  env = {
    JOBSTORM_ENGINE: 'native',
    FAKTORY_PORT: String(free),
    FAKTORY_WEB_PORT: String(free + 1),
    API_PORT: String(free + 2),
    DASHBOARD_PORT: String(free + 3),
  };
  await good('up', 'server');
  await good('up', 'worker', '30', '1');
});

after(async () => {
  for (const { child } of tunings) child.kill('SIGKILL');
  await checkout?.jobstorm(['clean', '--yes'], env);
  checkout?.remove();
});

test('ctrl-C puts back what was in force, by another worker where its CPUs had changed', async () => {
  const before = worker();
  const tuning = await begun('--cpus', '2', '--batch-size', '400');
  const between = worker();
  assert.notEqual(between.pid, before.pid, 'another worker, with other CPUs');
  tuning.child.kill('SIGINT');
  const { code, output } = await tuning.ended;
  assert.equal(code, 105, output);
  assert.match(output, /interrupted after 1 trial; .*--resume/);
  assert.notEqual(worker().pid, between.pid);
  assert.match(await good('set', 'worker'), /slots=30 processes=1 /);
  assert.match(await good('set', 'api'), /batch-max-size=100 /);
});

test('what was found is in force afterwards, CPUs too, and resumed after ctrl-C no trial is made twice', async () => {
  const tuning = await begun();
  tuning.child.kill('SIGINT');
  const interrupted = await tuning.ended;
  assert.equal(interrupted.code, 105, interrupted.output);
  const output = await good('tune', ...search, '--resume');
  const says = (text: RegExp) => assert.match(output, text, `${interrupted.output}\n--resume:\n${output}`);
  says(/the worker of this checkout is started anew for other CPUs \(its process\)/);
  says(/^resumed: 1 trial of before counts$/m);
  assert.doesNotMatch(output, /^trial {2}1 of/m);
  says(/^just worker \d+ \d\.0$/m);
  const [, slots, cpus] = /^just worker (\d+) (\d)\.0$/m.exec(output)!;
  says(/^it is in force now/m);
  assert.match(await good('set', 'worker'), new RegExp(`slots=${slots} processes=${cpus} `));
});
