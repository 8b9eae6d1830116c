// The images and compose files on a real engine: what is in an image, what a container may do, and that it ends in good order.

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  Checkout,
  ComposeStack,
  docker,
  dockerOutput,
  freePort,
  type InspectedContainer,
  until,
} from '../src/index.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const base = 'node:24-bookworm-slim';
const mostAboveBaseBytes = 30e6;
const secrets = { FAKTORY_PASSWORD: 'swordfish', JOBSTORM_TOKEN: 'open-sesame' };
const label = { JOBSTORM_COMMIT: 'c0ffee', JOBSTORM_SOURCE: 'feedbeef' };
/** Image of each part by the service that has it. */
const built = ['api-service', 'dashboard', 'docker-stats', 'server-node'] as const;

/** So that health shows within seconds, and so that limits fit any host. */
const quick = (services: readonly string[]) =>
  services.map((name) => `  ${name}: { healthcheck: { interval: 1s } }\n`).join('');

let checkout: Checkout;
let server: ComposeStack;
let worker: ComposeStack;
let ports: { FAKTORY_PORT: number; FAKTORY_WEB_PORT: number; API_PORT: number; DASHBOARD_PORT: number };

before(async () => {
  checkout = new Checkout(root);
  const first = await freePort(4);
  ports = { FAKTORY_PORT: first, FAKTORY_WEB_PORT: first + 1, API_PORT: first + 2, DASHBOARD_PORT: first + 3 };
  const numbers = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const gid = await dockerOutput(['run', '--rm', '-v', '/var/run/docker.sock:/s', base, 'stat', '-c', '%g', '/s']);
  server = new ComposeStack({
    name: `jobstorm-images-${process.pid}-server`,
    dir: checkout.dir,
    file: 'docker-compose.server.yml',
    env: { ...secrets, ...label, ...numbers, DOCKER_GID: gid, JOBSTORM_HOST: 'rack1' },
    override: `services:\n${quick([...built])}  faktory:\n    deploy: { resources: { limits: { cpus: "1.0" } } }\n`,
  });
  worker = new ComposeStack({
    name: `jobstorm-images-${process.pid}-worker`,
    dir: checkout.dir,
    file: 'docker-compose.worker.yml',
    env: {
      ...secrets,
      ...label,
      FAKTORY_SERVER_IP: `host.docker.internal:${ports.FAKTORY_PORT}`,
      JOBSTORM_CONTROL: `ws://host.docker.internal:${ports.DASHBOARD_PORT}`,
      WORKER_CONCURRENCY: '50',
      WORKER_CPUS: '0.5',
      WORKER_MEMORY: '256M',
    },
    override: `services:\n${quick(['worker-service'])}`,
  });
  await server.compose('--profile', 'embedded', 'build');
  await worker.compose('build', 'worker-service');
});

after(async () => {
  await Promise.allSettled([server?.remove(), worker?.remove()]);
  checkout?.remove();
});

const images = () => [...built.map((service) => `${server.name}-${service}`), `${worker.name}-worker-service`];

interface InspectedImage {
  RepoTags: string[];
  Size: number;
  Config: { User: string; Labels: Record<string, string>; StopSignal: string; Healthcheck?: { Test: string[] } };
}

test('each image: little above its base, no root, labels, a health check', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const inspected = JSON.parse(await dockerOutput(['image', 'inspect', base, ...images()])) as InspectedImage[];
  const [below, ...own] = inspected;
  assert.equal(own.length, 5);
  for (const { RepoTags, Size, Config } of own) {
    const name = RepoTags[0]!;
    assert.ok(Size - below!.Size < mostAboveBaseBytes, `${name} is ${Size - below!.Size} bytes above its base`);
    assert.match(Config.User, /^[1-9]\d*:[1-9]\d*$/, name);
    const { Labels } = Config;
    assert.deepEqual(
      [Labels['io.jobstorm.version'], Labels['io.jobstorm.commit'], Labels['io.jobstorm.source']],
      [version, 'c0ffee', 'feedbeef'],
      name,
    );
    assert.equal(Config.StopSignal, 'SIGTERM', name);
    assert.deepEqual(Config.Healthcheck?.Test.slice(0, 3), ['CMD', 'node', 'dist/health.js'], name);
  }
});

test('containers turn healthy, may do little, keep to their limits, and end in good order', async () => {
  await server.compose('up', '-d', '--no-build');
  await worker.compose('up', '-d', '--no-build', 'worker-service');
  await Promise.all([server.healthy(), worker.healthy()]);
  const all = new Map([...(await server.containers()), ...(await worker.containers())]);
  assert.deepEqual([...all.keys()].sort(), ['api-service', 'dashboard', 'docker-stats', 'faktory', 'worker-service']);
  for (const [service, { HostConfig, Mounts, Config }] of all) {
    const { ReadonlyRootfs, Privileged, CapDrop, SecurityOpt, Init, RestartPolicy } = HostConfig;
    assert.deepEqual([ReadonlyRootfs, Privileged, Init, CapDrop], [true, false, true, ['ALL']], service);
    assert.deepEqual(SecurityOpt, ['no-new-privileges:true'], service);
    assert.equal(RestartPolicy.Name, 'unless-stopped', service);
    const socket = Mounts.some(({ Source }) => Source.endsWith('docker.sock'));
    assert.equal(socket, service === 'docker-stats', `${service} and the engine's socket`);
    assert.ok(Config.Labels['io.jobstorm.part'], service);
  }
  const limits = (service: string) => all.get(service)!.HostConfig;
  assert.equal(limits('faktory').NanoCpus, 1e9);
  assert.deepEqual([limits('worker-service').NanoCpus, limits('worker-service').Memory], [5e8, 256 * 1024 ** 2]);
  const touch = await docker(['exec', all.get('api-service')!.Id, 'sh', '-c', 'id -u; touch /jobstorm/x /x']);
  // Two streams, whose order is anybody's guess.
  assert.match(touch.output, /^10001$/m);
  assert.match(touch.output, /Read-only file system/);
  await seenByControlRoom();
  await holdTheirBundle([...all].filter(([service]) => service !== 'faktory'));
  await endsWell(worker);
  await endsWell(server);
  assert.deepEqual(await leftNow(), [[], []]);
});

// Without capabilities root may not look everywhere, which find ends with 1 for.
const findAll =
  'find / -xdev -not -path "/proc/*" -not -path "/sys/*" -not -path "/dev/*" -not -path "/data/*" 2>/dev/null; true';

/** Beside what the base image has, and the init that the engine adds: nothing but the part's own files. */
async function holdTheirBundle(containers: [service: string, container: InspectedContainer][]): Promise<void> {
  const below = new Set((await dockerOutput(['run', '--rm', '--init', base, 'sh', '-c', findAll])).split('\n'));
  for (const [service, { Id }] of containers) {
    const there = await dockerOutput(['exec', '--user', '0', Id, 'sh', '-c', findAll]);
    const added = there.split('\n').filter((path) => !below.has(path));
    const others = added.filter(
      (path) => !/^\/jobstorm(\/dist(\/[\w-]+\.js|\/package\.json|\/web(\/[\w-]+\.\w+)?)?)?$/.test(path),
    );
    const expected = { 'server-node': '/data', dashboard: '/data', 'docker-stats': '/run/docker.sock' }[service];
    assert.deepEqual(others, expected === undefined ? [] : [expected], service);
    // The dashboard starts runs, so the command line and what that boots are its own files too.
    const most = service === 'dashboard' ? 150 : 20;
    assert.ok(added.includes('/jobstorm/dist/health.js') && added.length < most, `${service} has ${added.join(' ')}`);
  }
}

/** docker-stats' figures get there, for the containers of both projects, and no secret with them. */
async function seenByControlRoom(): Promise<void> {
  const headers = { authorization: `Bearer ${secrets.JOBSTORM_TOKEN}` };
  const text = await until(
    'all containers to be on the dashboard',
    async () => {
      const body = await (await fetch(`http://127.0.0.1:${ports.DASHBOARD_PORT}/stats`, { headers })).text();
      return body.includes(`${worker.name}-worker-service-1`) && body.includes(`${server.name}-faktory-1`) && body;
    },
    { timeoutMs: 20_000, intervalMs: 200 },
  );
  const { hosts } = JSON.parse(text) as {
    hosts: {
      host: string;
      unavailable: string | null;
      containers: { project: string; service: string; capCores: number | null }[];
    }[];
  };
  const host = hosts.find((one) => one.host === 'rack1');
  assert.equal(host?.unavailable, null);
  const caps = host.containers
    .filter(({ project }) => project === server.name || project === worker.name)
    .map(({ service, capCores }) => `${service} ${capCores}`);
  assert.deepEqual(caps.sort(), [
    'api-service null',
    'dashboard null',
    'docker-stats null',
    'faktory 1',
    'worker-service 0.5',
  ]);
  assert.doesNotMatch(text, new RegExp(Object.values(secrets).join('|')));
}

async function endsWell(stack: ComposeStack): Promise<void> {
  await stack.compose('stop');
  for (const [service, { State, RestartCount }] of await stack.containers()) {
    assert.deepEqual([State.Status, State.ExitCode, State.OOMKilled, RestartCount], ['exited', 0, false, 0], service);
  }
}

async function leftNow(): Promise<string[][]> {
  await Promise.all([server.compose('down', '--volumes'), worker.compose('down')]);
  return Promise.all([server.left(), worker.left()]);
}

test("the embedded profile: server-node in Faktory's place, its jobs on a volume", async () => {
  await server.compose('--profile', 'embedded', 'up', '-d', '--no-build', '--scale', 'faktory=0');
  await server.healthy();
  const all = await server.containers();
  const container = all.get('server-node');
  assert.ok(container && !all.has('faktory'));
  const volumes = container.Mounts.filter(({ Type }) => Type === 'volume');
  assert.deepEqual(
    volumes.map(({ Destination, RW }) => [Destination, RW]),
    [['/data', true]],
  );
  await holdTheirBundle([['server-node', container]]);
  await server.compose('--profile', 'embedded', 'stop', 'server-node');
  assert.equal((await server.containers()).get('server-node')?.State.ExitCode, 0);
  await server.compose('--profile', 'embedded', 'down', '--volumes');
  assert.deepEqual(await server.left(), []);
});

test('after a change of sources the packages are not installed again', async () => {
  appendFileSync(join(checkout.dir, 'worker-node/src/main.ts'), '// changed\n');
  const { output } = await worker.compose('build', 'worker-service');
  const step = /^#(\d+) \[worker-service dependencies \d+\/\d+\] RUN .*npm ci/m.exec(output)?.[1];
  assert.ok(step, output);
  assert.match(output, new RegExp(`^#${step} CACHED$`, 'm'));
});
