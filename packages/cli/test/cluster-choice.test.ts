import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ServerAddress } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { chooseCluster } from '../src/cluster-choice.ts';
import { type CurrentCluster, writeCurrent } from '../src/current.ts';
import { projectName } from '../src/operate/checkout.ts';

const started: CurrentCluster = {
  url: 'tcp://127.0.0.1:17419',
  api: 'http://127.0.0.1:13000',
  control: 'http://127.0.0.1:17460',
  startedAt: '2026-01-02T03:04:05.000Z',
  by: 'server',
  engine: 'docker',
};

function checkout(t: TestContext, current: CurrentCluster | null = started): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'jobstorm-choice-')));
  t.after(() => rmSync(dir, { recursive: true }));
  if (current) writeCurrent(dir, current);
  return dir;
}

const answers = async () => {};
const named = (host: string, port: number) => ({ address: { host, port, password: 'p' }, by: 'FAKTORY_SERVER_IP' });
const none = { api: null, control: null, project: null };

test('a server that was named is the one, and is not asked', async (t) => {
  const probe = () => assert.fail('it is not for this to decide');
  const dir = checkout(t);
  const choice = await chooseCluster({ named: named('10.0.0.9', 7419), password: null, dir, probe });
  assert.deepEqual(choice, {
    server: { host: '10.0.0.9', port: 7419, password: 'p' },
    because: 'named by FAKTORY_SERVER_IP',
    noted: none,
    passedOver: null,
  });
});

test('one that was named and was started here is at the ports that were noted, by any name of this host', async (t) => {
  const dir = checkout(t);
  for (const host of ['127.0.0.1', 'localhost', '::1', hostname()]) {
    const { noted } = await chooseCluster({ named: named(host, 17_419), password: null, dir, probe: answers });
    const project = projectName(dir, 'server');
    assert.deepEqual(noted, { api: started.api, control: started.control, project }, host);
  }
  const other = await chooseCluster({ named: named('127.0.0.1', 7419), password: null, dir, probe: answers });
  assert.deepEqual(other.noted, none);
});

test('else the one that was started here last, with the password that is known', async (t) => {
  const dir = checkout(t);
  const asked: ServerAddress[] = [];
  const probe = async (address: ServerAddress) => void asked.push(address);
  const choice = await chooseCluster({ named: null, password: 'hush', dir, probe });
  assert.deepEqual(choice.server, { host: '127.0.0.1', port: 17_419, password: 'hush' });
  assert.deepEqual(asked, [choice.server]);
  assert.match(choice.because, /^started here at 2026-01-0\d \d\d:\d\d:05$/);
  assert.equal(choice.noted.control, started.control);
});

test('a worker’s note names the server elsewhere, whose project is not known', async (t) => {
  const dir = checkout(t, { ...started, url: 'tcp://10.0.0.9:7419', by: 'worker' });
  const choice = await chooseCluster({ named: null, password: null, dir, probe: answers });
  assert.match(choice.because, /^whose worker was started here at /);
  assert.equal(choice.noted.project, null);
});

test('one that does not answer any more is passed over, and why is said', async (t) => {
  const dir = checkout(t);
  const probe = () => Promise.reject(new Error('nobody listens'));
  const choice = await chooseCluster({ named: null, password: null, dir, probe });
  assert.equal(choice.server, null);
  assert.match(choice.passedOver!, /^not the one at tcp:\/\/127\.0\.0\.1:17419, started here at .*: nobody listens$/);
});

test('nothing noted, nothing named: a local one', async (t) => {
  const choice = await chooseCluster({ named: null, password: null, dir: checkout(t, null) });
  assert.deepEqual(choice, { server: null, because: '', noted: none, passedOver: null });
});

test('a real server is asked with its password', async (t) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: 'sesame' });
  t.after(() => server.close());
  const dir = checkout(t, { ...started, url: `tcp://127.0.0.1:${server.port}` });
  const right = await chooseCluster({ named: null, password: 'sesame', dir });
  assert.equal(right.server?.port, server.port);
  const wrong = await chooseCluster({ named: null, password: 'other', dir });
  assert.equal(wrong.server, null);
  assert.match(wrong.passedOver!, /password/);
  assert.doesNotMatch(wrong.passedOver!, /other|sesame/);
});

test('a command that needs a server of its own passes over the one that was started here, and says so', async (t) => {
  const probe = () => assert.fail('it is not for this to decide');
  const input = { named: null, password: null, dir: checkout(t), ownBecause: 'it keeps a journal', probe };
  const { server, noted, passedOver } = await chooseCluster(input);
  assert.deepEqual([server, noted], [null, none]);
  assert.match(passedOver!, /^not the one at tcp:\/\/127\.0\.0\.1:17419, started here at .*: it keeps a journal$/);
  assert.equal((await chooseCluster({ ...input, dir: checkout(t, null) })).passedOver, null);
});
