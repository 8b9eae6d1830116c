// The compose files as people edit and use them by hand. Needs compose, and starts nothing.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Checkout, docker } from '../src/index.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = { server: 'docker-compose.server.yml', worker: 'docker-compose.worker.yml' };
const secrets = { FAKTORY_PASSWORD: 'p', JOBSTORM_TOKEN: 't' };
const address = { FAKTORY_SERVER_IP: '192.168.1.100' };

interface Config {
  services: Record<
    string,
    {
      environment?: Record<string, string>;
      ports?: { target: number; published: string }[];
      deploy?: { replicas?: number; resources?: { limits?: { cpus?: number | string; memory?: string } } };
    }
  >;
}

/** The file of that side in a checkout of its own, after these edits: a text that must be there, and what takes its place. */
async function config(
  t: TestContext,
  side: keyof typeof files,
  env: Record<string, string>,
  edits: readonly (readonly [from: RegExp, to: string])[] = [],
) {
  const checkout = new Checkout(root);
  t.after(() => checkout.remove());
  const path = join(checkout.dir, files[side]);
  let text = readFileSync(path, 'utf8');
  for (const [from, to] of edits) {
    assert.match(text, from, files[side]);
    text = text.replace(from, to);
  }
  writeFileSync(path, text);
  const words = ['compose', '-p', 'jobstorm-files', '-f', files[side], 'config', '--format', 'json'];
  return docker(words, { cwd: checkout.dir, env });
}

async function services(...args: Parameters<typeof config>): Promise<Config['services']> {
  const { code, stdout, output } = await config(...args);
  assert.equal(code, 0, output);
  return (JSON.parse(stdout) as Config).services;
}

test('as they are: the limits, batches and ports of the guide', async (t) => {
  const { faktory, 'api-service': api, 'server-node': embedded, ...rest } = await services(t, 'server', secrets);
  assert.equal(Number(faktory?.deploy?.resources?.limits?.cpus), 8);
  const { BATCH_MAX_SIZE, BATCH_MAX_DELAY_MS, BATCH_AUTO_ENABLED } = api?.environment ?? {};
  assert.deepEqual([BATCH_MAX_SIZE, BATCH_MAX_DELAY_MS, BATCH_AUTO_ENABLED], ['100', '100', 'true']);
  const ports = [faktory, api, ...Object.values(rest)].flatMap((one) => one?.ports ?? []);
  assert.deepEqual(ports.map(({ target, published }) => `${published}:${target}`).sort(), [
    '3000:3000',
    '7419:7419',
    '7420:7420',
    '7460:7460',
  ]);
  assert.equal(embedded, undefined);
  const { 'worker-service': worker } = await services(t, 'worker', address);
  assert.deepEqual([worker?.environment?.WORKER_CONCURRENCY, worker?.deploy?.replicas], ['2000', 1]);
  assert.equal(Number(worker?.deploy?.resources?.limits?.cpus), 4);
  assert.equal(Number(worker?.deploy?.resources?.limits?.memory ?? 0), 0);
});

test('the edits that the guide asks for', async (t) => {
  const { faktory, 'api-service': api } = await services(t, 'server', secrets, [
    [/cpus: "8\.0"/, 'cpus: "16.0"'],
    [/# memory: "4G"/, 'memory: "4G"'],
    [/- BATCH_MAX_SIZE=\S+/, '- BATCH_MAX_SIZE=500'],
    [/- BATCH_MAX_DELAY_MS=\S+/, '- BATCH_MAX_DELAY_MS=200'],
  ]);
  const { cpus, memory } = faktory?.deploy?.resources?.limits ?? {};
  assert.deepEqual([Number(cpus), Number(memory)], [16, 4 * 1024 ** 3]);
  assert.deepEqual([api?.environment?.BATCH_MAX_SIZE, api?.environment?.BATCH_MAX_DELAY_MS], ['500', '200']);
  const { 'worker-service': worker } = await services(t, 'worker', address, [
    [/cpus: ".*"/, 'cpus: "8.0"'],
    [/memory: ".*"/, 'memory: "4G"'],
  ]);
  const limits = worker?.deploy?.resources?.limits ?? {};
  assert.deepEqual([Number(limits.cpus), Number(limits.memory)], [8, 4 * 1024 ** 3]);
});

test('variables in place of edits', async (t) => {
  const env = { ...address, WORKER_CONCURRENCY: '6000', WORKER_CPUS: '8.0', WORKER_MEMORY: '2G', REPLICAS: '3' };
  const { 'worker-service': worker } = await services(t, 'worker', env);
  const { cpus, memory } = worker?.deploy?.resources?.limits ?? {};
  assert.deepEqual([Number(cpus), Number(memory), worker?.deploy?.replicas], [8, 2 * 1024 ** 3, 3]);
  assert.equal(worker?.environment?.WORKER_CONCURRENCY, '6000');
  const { JOBSTORM_CONTROL } = worker?.environment ?? {};
  assert.equal(JOBSTORM_CONTROL, 'ws://192.168.1.100:7460');
});

test('what is missing is said, with what to do', async (t) => {
  const worker = await config(t, 'worker', {});
  assert.notEqual(worker.code, 0);
  assert.match(worker.output, /FAKTORY_SERVER_IP is missing a value: .*hostname -I/);
  const { FAKTORY_PASSWORD: _without, ...token } = secrets;
  for (const [env, name] of [
    [token, 'FAKTORY_PASSWORD'],
    [{ FAKTORY_PASSWORD: 'p' }, 'JOBSTORM_TOKEN'],
  ] as const) {
    const { code, output } = await config(t, 'server', env);
    assert.notEqual(code, 0);
    assert.match(output, new RegExp(`${name} is missing a value: set ${name} in \\.env .*JOBSTORM_OPEN=1`));
  }
});
