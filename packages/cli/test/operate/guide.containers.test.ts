// The tuning guide's example session, command by command, on a real engine with real Faktory: the server from one checkout, the
// workers from another, as on two machines.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Checkout } from '@jobstorm/testkit';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
let server: Checkout;
let workers: Checkout;
let password = '';

interface Result {
  jobs: { submitted: number; accepted: number; completed: number; lost: number; duplicated: number };
  valid: boolean;
  environment: { server: string };
  cpu: { workers: { capCores: number | null } };
}

const named = () => ({ FAKTORY_SERVER_IP: '127.0.0.1', FAKTORY_PASSWORD: password });

before(() => {
  server = new Checkout(root);
  workers = new Checkout(root);
});

after(async () => {
  for (const checkout of [workers, server]) {
    await checkout?.run(['clean', '--yes']);
    checkout?.remove();
  }
});

/** What `docker ps` says of all containers of a checkout's projects. */
function containersOf(checkout: Checkout): string[] {
  const format = '{{.Label "com.docker.compose.project.working_dir"}} {{.Names}}';
  const lines = execFileSync('docker', ['ps', '-a', '--format', format], { encoding: 'utf8' }).trim().split('\n');
  return lines.filter((line) => line.startsWith(`${checkout.dir} `));
}

async function measure(): Promise<Result> {
  const path = join(workers.dir, 'result.json');
  // The guide types it bare: the cluster is the one that this checkout's worker was started for.
  await workers.expect(['perf-test', '10000', '--json', path], { FAKTORY_PASSWORD: password });
  const result = JSON.parse(readFileSync(path, 'utf8')) as Result;
  assert.deepEqual(
    { ...result.jobs },
    { ...result.jobs, submitted: 10_000, accepted: 10_000, completed: 10_000, lost: 0, duplicated: 0 },
  );
  return result;
}

/** Slots and connections of the workers that the control room sees. */
async function workersSeen(): Promise<{ slots: number; connections: number }> {
  const token = /JOBSTORM_TOKEN=(.+)/.exec(readFileSync(join(server.dir, '.env'), 'utf8'))?.[1] ?? '';
  const reply = await fetch('http://127.0.0.1:7460/stats', { headers: { authorization: `Bearer ${token}` } });
  const { parts } = (await reply.json()) as {
    parts: { part: string; state: { slots?: { total: number }; connections?: number } }[];
  };
  const seen = { slots: 0, connections: 0 };
  for (const { part, state } of parts) {
    if (part !== 'worker') continue;
    seen.slots += state.slots?.total ?? 0;
    seen.connections += state.connections ?? 0;
  }
  return seen;
}

const slotsSeen = async () => (await workersSeen()).slots;

test('just server: up, with secrets made once, and the line for other machines', async () => {
  const { stdout } = await server.expect(['server']);
  const line = /FAKTORY_SERVER_IP=(\S+) FAKTORY_PASSWORD=(\S+) just worker/.exec(stdout);
  assert.ok(line, stdout);
  password = line[2]!;
  assert.ok(password.length >= 24, 'a password that nobody guesses');
  assert.match(stdout, /http:\/\/\S+:7460\/#token=\S+/, 'the link of the dashboard');
  const env = join(server.dir, '.env');
  assert.equal(statSync(env).mode & 0o777, 0o600);
  assert.ok(readFileSync(env, 'utf8').includes(`FAKTORY_PASSWORD=${password}`));
});

test('just worker, from another checkout, without the password: says what to do', async () => {
  const end = await workers.run(['worker'], { FAKTORY_SERVER_IP: '127.0.0.1' });
  assert.notEqual(end.code, 0);
  assert.match(end.output, /FAKTORY_PASSWORD/);
  assert.deepEqual(containersOf(workers), []);
});

test('test 1: the defaults, then perf-test 10000', async () => {
  await workers.expect(['worker'], named());
  const result = await measure();
  assert.match(result.environment.server, /Faktory/);
  assert.equal(await slotsSeen(), 2000);
});

test('test 2: down, then 4,000 slots', async () => {
  await workers.expect(['down']);
  assert.deepEqual(containersOf(workers), []);
  assert.ok(containersOf(server).length > 0, 'the other checkout is left alone');
  await workers.expect(['worker', '4000'], named());
  await measure();
  assert.equal(await slotsSeen(), 4000);
});

test('test 3: down, then 6,000 slots', async () => {
  await workers.expect(['down']);
  await workers.expect(['worker', '6000'], named());
  await measure();
});

test('6,000 slots on 8.0 CPUs, in place of the worker that runs: capped to the host, under 64 connections', async () => {
  const { output } = await workers.expect(['worker', '6000', '8.0'], named());
  const cores = Number(execFileSync('docker', ['info', '--format', '{{.NCPU}}'], { encoding: 'utf8' }));
  if (cores < 8) assert.match(output, new RegExp(`8.*${cores}`), 'a line that says what is in force');
  await measure();
  assert.equal(await slotsSeen(), 6000);
  const { connections } = await workersSeen();
  assert.ok(connections > 1 && connections < 64, `${connections} connections`);
});

test('the recipes that watch', async () => {
  assert.match((await server.expect([])).stdout, /\[cluster\][\s\S]* server .*# Start the server side/);
  const { stdout } = await workers.expect(['status']);
  assert.match(stdout, /worker.*running/);
  assert.match((await workers.expect(['worker-stats'], { FAKTORY_PASSWORD: password })).stdout, /6,?000/);
  assert.match((await workers.expect(['worker-logs'])).output, /slots/);
  assert.match((await server.expect(['server-logs'])).output, /Faktory|listening/i);
  assert.match((await server.expect(['logs', 'api'])).stdout, /api/);
  const { stdout: found } = await workers.expect(['doctor', '6000', '8.0'], named());
  assert.match(found, /^ok +server .* answers \(Faktory/m);
  assert.match((await server.expect(['dashboard'])).stdout, /http:\/\/\S+7460\/#token=/);
});

test('the recipes that load', async () => {
  await workers.expect(['stress-test'], { FAKTORY_PASSWORD: password });
  await workers.expect(['test-batch'], { FAKTORY_PASSWORD: password });
});

test('down leaves no container and no network; volumes stay until clean', async () => {
  await workers.expect(['down']);
  await server.expect(['down']);
  assert.deepEqual([...containersOf(workers), ...containersOf(server)], []);
  const volumes = () => execFileSync('docker', ['volume', 'ls', '-q'], { encoding: 'utf8' }).split('\n');
  const networks = execFileSync('docker', ['network', 'ls', '--format', '{{.Name}}'], { encoding: 'utf8' });
  const projects = [server, workers].map(({ dir }) => {
    return `jobstorm-${createHash('sha256').update(realpathSync(dir)).digest('hex').slice(0, 6)}-`;
  });
  const ofThem = (name: string) => projects.some((project) => name.startsWith(project));
  assert.deepEqual(networks.split('\n').filter(ofThem), []);
  const kept = volumes().filter(ofThem);
  assert.ok(kept.length > 0, 'what Faktory keeps is still there');
  await server.expect(['clean', '--yes']);
  assert.deepEqual(
    volumes().filter((name) => kept.includes(name)),
    [],
  );
});
