// Two hosts: the server without containers on one that is a network namespace, the workers in containers on this one, and
// FAKTORY_SERVER_IP is the other one's address.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Checkout, NetworkHost, whyNoNetworkHost } from '@jobstorm/testkit';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const whyNot = whyNoNetworkHost();
let host: NetworkHost;
let server: Checkout;
let workers: Checkout;

before(() => {
  if (whyNot) return;
  host = new NetworkHost();
  server = new Checkout(root, host.prefix);
  workers = new Checkout(root);
});

after(async () => {
  await workers?.run(['clean', '--yes']);
  await server?.jobstorm(['clean', '--yes'], { JOBSTORM_ENGINE: 'native' });
  workers?.remove();
  server?.remove();
  host?.remove();
});

test('a worker in a container takes the jobs of a server on another host', { skip: whyNot ?? false }, async () => {
  const up = await server.jobstorm(['up', 'server'], { JOBSTORM_ENGINE: 'native' });
  assert.equal(up.code, 0, up.output);
  const password = /FAKTORY_PASSWORD=(\S+) just worker/.exec(up.stdout)?.[1];
  assert.ok(password, up.stdout);

  const env = { FAKTORY_SERVER_IP: host.address, FAKTORY_PASSWORD: password };
  await workers.expect(['worker', '500', '1.0'], env);
  const path = join(workers.dir, 'result.json');
  const run = await workers.expect(['perf-test', '5000', '--json', path], { FAKTORY_PASSWORD: password });
  assert.match(run.stdout, new RegExp(host.address.replaceAll('.', '\\.')), 'the first lines name the other host');
  const { jobs } = JSON.parse(readFileSync(path, 'utf8')) as { jobs: Record<string, number> };
  assert.deepEqual([jobs.completed, jobs.lost, jobs.duplicated], [5000, 0, 0]);
  const seen = await workers.expect(['worker-stats'], { FAKTORY_PASSWORD: password });
  assert.match(seen.stdout, /\b500\b/);
});

test('a server that is not there is named, with what to check', { skip: whyNot ?? false }, async () => {
  const end = await workers.run(['worker', '10', '1.0'], {
    FAKTORY_SERVER_IP: `${host.address}:7499`,
    FAKTORY_PASSWORD: 'x',
  });
  assert.notEqual(end.code, 0);
  assert.match(end.output, new RegExp(`${host.address.replaceAll('.', '\\.')}:7499`));
});
