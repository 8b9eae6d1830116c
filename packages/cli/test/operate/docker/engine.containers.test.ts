// The commands on a real engine: what they start, cap, replace, say and leave. The tuning guide's session has a test of its own.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { Checkout, coresBetween, cpuReading, freePort, until } from '@jobstorm/testkit';
import { readCurrent } from '../../../src/current.ts';
import { projectName } from '../../../src/operate/checkout.ts';

const root = fileURLToPath(new URL('../../../../..', import.meta.url));
const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim();
const words = (text: string) => text.split('\n').filter((line) => line !== '');

let checkout: Checkout;
let ports: Record<string, string>;

/** Names of what the engine has of this checkout's two projects. */
function left(kind: 'ps' | 'network' | 'volume' | 'image'): string[] {
  const list = kind === 'ps' ? ['ps', '-aq'] : [kind, 'ls', '-q'];
  return (['server', 'worker'] as const).flatMap((side) => {
    const label = `label=com.docker.compose.project=${projectName(checkout.dir, side)}`;
    return words(docker(...list, '--filter', label));
  });
}

function workerContainer(): { id: string; nanoCpus: number } {
  const label = `label=com.docker.compose.project=${projectName(checkout.dir, 'worker')}`;
  const [id] = words(docker('ps', '-q', '--filter', label, '--filter', 'label=io.jobstorm.part=worker'));
  assert.ok(id, 'a worker runs');
  return { id, nanoCpus: Number(docker('inspect', '--format', '{{.HostConfig.NanoCpus}}', id)) };
}

/** Works on the job server that this checkout started. */
async function withServer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const password = /FAKTORY_PASSWORD=(.+)/.exec(readFileSync(join(checkout.dir, '.env'), 'utf8'))?.[1];
  const client = await Client.connect({
    address: parseServerUrl(`tcp://:${password}@127.0.0.1:${ports.FAKTORY_PORT}`),
  });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

let pushed = 0;
const pushJobs = (client: Client, count: number, jobtype: string, ms: number) =>
  client.pushBulk(
    Array.from({ length: count }, () => ({ jid: `engine-${++pushed}`, jobtype, args: [ms], queue: 'jobstorm' })),
  );

const run = (args: string[], env: Record<string, string> = {}) => checkout.jobstorm(args, { ...ports, ...env });

async function good(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, output } = await run(args, env);
  assert.equal(code, 0, `jobstorm ${args.join(' ')}\n${output}`);
  return output;
}

before(async () => {
  checkout = new Checkout(root);
  // Four of its own, so that it gets along with a cluster that runs here.
  const free = await freePort(4);
  ports = {
    FAKTORY_PORT: String(free),
    FAKTORY_WEB_PORT: String(free + 1),
    API_PORT: String(free + 2),
    DASHBOARD_PORT: String(free + 3),
  };
});

after(async () => {
  await checkout?.jobstorm(['clean', '--yes']);
  checkout?.remove();
});

test('up server: a port in use is named before anything is built or started', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(Number(ports.API_PORT), '127.0.0.1', resolve));
  const { code, stderr } = await run(['up', 'server']);
  await new Promise((resolve) => other.close(resolve));
  assert.equal(code, 104);
  assert.match(stderr, new RegExp(`port ${ports.API_PORT} \\(the api-service\\) is in use by another program`));
  assert.deepEqual([left('ps'), left('image')], [[], []]);
});

test('up server: healthy, noted, and with the line for other machines', async () => {
  const output = await good(['up', 'server']);
  assert.match(
    output,
    new RegExp(`FAKTORY_SERVER_IP=\\S+:${ports.FAKTORY_PORT} FAKTORY_PASSWORD=\\S{32} .*just worker`),
  );
  const current = readCurrent(checkout.dir);
  assert.deepEqual(
    [current?.by, current?.engine, current?.url],
    ['server', 'docker', `tcp://127.0.0.1:${ports.FAKTORY_PORT}`],
  );
  const cores = Number(docker('info', '--format', '{{.NCPU}}'));
  if (cores < 8)
    assert.match(output, new RegExp(`faktory: 8 CPUs asked for, the host has ${cores}: capped to ${cores}`));
});

test("up worker 200 0.5: the one started here is found, and the limit is the engine's", async () => {
  const output = await good(['up', 'worker', '200', '0.5']);
  assert.match(output, /worker: 200 slots, 0\.5 CPUs/);
  assert.equal(workerContainer().nanoCpus, 0.5e9);
  assert.match(await good(['logs', 'worker']), /200 slots/);
  const status = await good(['status']);
  for (const part of ['faktory', 'api', 'dashboard', 'docker-stats', 'worker']) {
    assert.match(status, new RegExp(`^${part} +running`, 'm'), status);
  }
});

/** Over 5 s: cores used, and whether the limit is what held the container back, and not a host with too much to do. */
async function coresOver5s(container: string): Promise<{ cores: number; held: boolean }> {
  const before = await cpuReading(container);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const after = await cpuReading(container);
  const share = (after.throttledPeriods - before.throttledPeriods) / (after.periods - before.periods);
  return { cores: coresBetween(before, after), held: share > 0.9 };
}

async function idle(container: string): Promise<void> {
  let last = await cpuReading(container);
  const isIdle = async () => {
    const now = await cpuReading(container);
    const cores = coresBetween(last, now);
    last = now;
    return cores < 0.1;
  };
  await until('the jobs that it holds to be over', isIdle, { timeoutMs: 60_000, intervalMs: 500 });
}

test('half a core of CPU is what 200 slots of jobs that spin get, by the account of the engine', async (t) => {
  const { id } = workerContainer();
  await withServer(async (client) => {
    await pushJobs(client, 16_000, 'spin', 5);
    try {
      for (let attempt = 0; attempt < 4; attempt++) {
        const { cores, held } = await coresOver5s(id);
        t.diagnostic(`${cores.toFixed(4)} cores${held ? '' : ', on a host with too much to do'}`);
        assert.ok(cores < 0.525, `${cores} cores`);
        if (!held) continue;
        assert.ok(cores > 0.475, `${cores} cores`);
        break;
      }
    } finally {
      await client.flush();
    }
  });
  await idle(id);
});

test('the same again leaves it alone; more CPUs than there are are capped, in place of the one that runs, once its jobs are done', async () => {
  const first = workerContainer().id;
  assert.match(await good(['up', 'worker', '200', '0.5']), /ran already with these settings/);
  assert.equal(workerContainer().id, first);

  await withServer(async (client) => {
    const before = (await client.info()).faktory;
    const ofThese = async () => {
      const { total_processed: done, total_failures: failed, total_enqueued: waiting } = (await client.info()).faktory;
      return { done: done - before.total_processed, failed: failed - before.total_failures, waiting };
    };
    await pushJobs(client, 10, 'sleep', 6000);
    await until('the worker to have all jobs', async () => (await ofThese()).waiting === 0, { timeoutMs: 60_000 });
    const cores = Number(docker('info', '--format', '{{.NCPU}}'));
    const output = await good(['up', 'worker', '300', String(cores + 6)]);
    assert.deepEqual(await ofThese(), { done: 10, failed: 0, waiting: 0 });
    assert.match(
      output,
      new RegExp(`worker-service: ${cores + 6} CPUs asked for, the host has ${cores}: capped to ${cores}`),
    );
    const second = workerContainer();
    assert.notEqual(second.id, first);
    assert.equal(second.nanoCpus, cores * 1e9);
  });
});

test('up worker --rolling under load: another container, and no job failed or is lost', async () => {
  const first = workerContainer().id;
  await withServer(async (client) => {
    await client.flush();
    let rolling = true;
    let count = 0;
    const loading = (async () => {
      for (; rolling; count += 10) {
        await pushJobs(client, 10, 'sleep', 100);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    try {
      assert.match(await good(['up', 'worker', '301', '--rolling']), /worker: 301 slots/);
    } finally {
      rolling = false;
      await loading;
    }
    const isDone = async () => (await client.info()).faktory.total_processed >= count;
    await until('all to be done', isDone, { timeoutMs: 60_000, intervalMs: 100 });
    const { total_processed, total_failures, total_enqueued } = (await client.info()).faktory;
    assert.deepEqual([total_processed, total_failures, total_enqueued], [count, 0, 0]);
  });
  const second = workerContainer().id;
  assert.notEqual(second, first);
  const label = `label=com.docker.compose.project=${projectName(checkout.dir, 'worker')}`;
  const all = words(docker('ps', '-aq', '--filter', label, '--filter', 'label=io.jobstorm.part=worker'));
  assert.deepEqual(all, [second]);
  assert.equal(docker('inspect', '--format', '{{.HostConfig.RestartPolicy.Name}}', second), 'unless-stopped');
  assert.match(await good(['up', 'worker', '301']), /ran already with these settings/);
});

test('another checkout is told whose ports they are', async () => {
  const other = new Checkout(root);
  try {
    const { code, stderr } = await other.jobstorm(['up', 'server'], ports);
    assert.equal(code, 104);
    assert.match(
      stderr,
      new RegExp(`ports ${ports.FAKTORY_PORT} .* are in use by the jobstorm checkout at ${checkout.dir}`),
    );
  } finally {
    other.remove();
  }
});

test('a server that this host reaches and its containers do not is named as that, and leaves no container', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0 });
  try {
    const { code, stderr } = await run(['up', 'worker', '10', '0.5'], {
      FAKTORY_SERVER_IP: `127.0.0.1:${server.port}`,
    });
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      new RegExp(`does not reach it at host\\.docker\\.internal:${server.port}[\\s\\S]*loopback only`),
    );
  } finally {
    await server.close();
  }
  const label = `label=com.docker.compose.project=${projectName(checkout.dir, 'worker')}`;
  assert.deepEqual(words(docker('ps', '-aq', '--filter', label, '--filter', 'label=io.jobstorm.part=worker')), []);
});

test('down leaves no container and no network; volumes stay until clean, which leaves nothing', async () => {
  const output = await good(['down']);
  assert.match(output, /faktory .*ended/);
  assert.deepEqual([left('ps'), left('network')], [[], []]);
  const kept = left('volume');
  assert.ok(
    kept.some((name) => name.endsWith('faktory-data')),
    kept.join(),
  );
  assert.equal(readCurrent(checkout.dir), null);

  const asked = await run(['clean']);
  assert.equal(asked.code, 104);
  assert.match(asked.output, /volume .*faktory-data/);
  assert.deepEqual(left('volume'), kept);

  await good(['clean', '--yes']);
  assert.deepEqual([left('volume'), left('image')], [[], []]);
});
