// `just tune --save` on a real Faktory in containers: CPUs change by another container of the worker, the compose files' defaults are
// what it found, and `just worker` starts with them. On a copy of the checkout: the files of this one stay as they are.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunResult } from '@jobstorm/loadtest';
import { Checkout, freePort } from '@jobstorm/testkit';
import { parse } from 'yaml';
import { projectName } from '../../src/operate/checkout.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
// So few slots, of jobs that sleep, never use the CPUs: fewer are tried, whatever the machine.
const bounds = ['--slots', '40', '--cpus', '0.5:1', '--batch-size', '100:400', '--batch-delay', '100'];
const search = [
  ...bounds,
  '--trials',
  '5',
  '--window',
  '1s',
  '--settle',
  '0',
  '--service-time',
  '20ms',
  '--latency',
  '0',
];

let checkout: Checkout;
let ports: Record<string, string>;

interface Worker {
  id: string;
  /** The engine's own limit. */
  cpus: number;
  slots: number;
}

function worker(): Worker {
  const label = `label=com.docker.compose.project=${projectName(checkout.dir, 'worker')}`;
  const id = docker('ps', '-q', '--no-trunc', '--filter', label, '--filter', 'label=io.jobstorm.part=worker');
  const [{ HostConfig, Config }] = JSON.parse(docker('inspect', id));
  const [, slots] = /^WORKER_CONCURRENCY=(\d+)$/.exec(Config.Env.find((each: string) => /^WORKER_CONC/.test(each)))!;
  return { id, cpus: HostConfig.NanoCpus / 1e9, slots: Number(slots) };
}

async function good(...args: string[]): Promise<string> {
  const { code, output } = await checkout.jobstorm(args, ports);
  assert.equal(code, 0, `jobstorm ${args.join(' ')}\n${output}`);
  return output;
}

const text = (file: string) => readFileSync(join(checkout.dir, file), 'utf8');

before(async () => {
  checkout = new Checkout(root);
  const free = await freePort(4);
  ports = {
    FAKTORY_PORT: String(free),
    FAKTORY_WEB_PORT: String(free + 1),
    API_PORT: String(free + 2),
    DASHBOARD_PORT: String(free + 3),
  };
  await good('up', 'server');
  await good('up', 'worker', '50', '1.0');
});

after(async () => {
  await checkout?.jobstorm(['clean', '--yes'], ports);
  checkout?.remove();
});

test('what tune --save found is the default of just worker', async () => {
  const [workerFile, serverFile] = ['docker-compose.worker.yml', 'docker-compose.server.yml'] as const;
  const before = text(workerFile).split('\n');
  const json = join(checkout.dir, 'tuned.json');
  const output = await good('tune', ...search, '--save', '--json', json);
  const { found } = JSON.parse(readFileSync(json, 'utf8')) as RunResult;
  const { winner, tried } = found!;
  assert.ok(
    tried.some(({ setting, stage }) => stage === 'cpus' && setting.cpus === 0.5),
    `CPUs were tried, too\n${output}`,
  );
  assert.equal(worker().cpus, winner.cpus, 'its container has what was found');
  assert.match(await good('set', 'worker'), new RegExp(`slots=${winner.slots} processes=1 `));
  assert.match(output, /the worker of this checkout is started anew for other CPUs \(its container\)/);
  assert.match(output, /^saved in docker-compose\.worker\.yml/m);
  const changed = text(workerFile)
    .split('\n')
    .filter((line, at) => line !== before[at]);
  assert.equal(changed.length, 3, changed.join('\n'));
  for (const line of changed) assert.match(line, /# .*was [\d.]+, tuned \d{4}-\d\d-\d\d$/);
  const api = parse(text(serverFile)).services['api-service'].environment as string[];
  assert.ok(api.includes(`BATCH_MAX_SIZE=\${BATCH_MAX_SIZE:-${winner.batchSize}}`));
  docker('rm', '--force', worker().id);
  assert.match(await good('up', 'worker'), new RegExp(`worker: ${winner.slots} slots, ${winner.cpus} CPUs`));
  assert.deepEqual([worker().cpus, worker().slots], [winner.cpus, winner.slots]);
});
