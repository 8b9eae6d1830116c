// What the commands say and leave alone when there is something to say before anything starts.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startServer } from '@jobstorm/server-node';
import { freePort, testCertificate } from '@jobstorm/testkit';
import { writeCurrent } from '../../src/current.ts';
import { bareCheckout, runIn } from './run-in-checkout.ts';

async function guardedServer(t: TestContext): Promise<string> {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: 'right' });
  t.after(() => server.close());
  return `127.0.0.1:${server.port}`;
}

test('each teaches on -h', async (t) => {
  const dir = bareCheckout(t);
  for (const words of [
    ['up'],
    ['up', 'server'],
    ['up', 'worker'],
    ['down'],
    ['status'],
    ['logs'],
    ['link'],
    ['clean'],
  ]) {
    const { code, stdout, stderr } = await runIn(dir, [...words, '-h']);
    assert.deepEqual([code, stderr], [0, ''], words.join(' '));
    assert.match(stdout, new RegExp(`usage: jobstorm ${words.join(' ')}[\\s\\S]*examples:\n {2}\\S`), words.join(' '));
  }
});

test('bad words: 104, and one sentence', async (t) => {
  const dir = bareCheckout(t);
  const cases: [string[], RegExp][] = [
    [['up'], /expected server or worker, got nothing/],
    [['up', 'all'], /expected server or worker, got "all"/],
    [['up', 'worker', 'many'], /CONCURRENCY: got "many", expected a whole number of slots/],
    [['down', 'everything'], /SIDE: got "everything", expected server or worker/],
    [['link'], /no control room is known/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await runIn(dir, args);
    assert.equal(code, 104, args.join(' '));
    assert.match(stderr, expected);
  }
});

test('up worker without a server: 104, with how to find one', async (t) => {
  const { code, stderr } = await runIn(bareCheckout(t), ['up', 'worker']);
  assert.equal(code, 104);
  assert.match(stderr, /FAKTORY_SERVER_IP is not set[\s\S]*just server[\s\S]*hostname -I/);
});

test('up worker for a server that is not there says so, and starts nothing', async (t) => {
  const dir = bareCheckout(t);
  const where = `127.0.0.1:${await freePort()}`;
  const { code, stderr } = await runIn(dir, ['up', 'worker'], { FAKTORY_SERVER_IP: where });
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`nothing listens at tcp://${where}`));
  assert.equal(existsSync(join(dir, '.jobstorm')), false);
});

test('up worker without the password, or with another one: 104, with what to do, nothing kept', async (t) => {
  const dir = bareCheckout(t);
  const FAKTORY_SERVER_IP = await guardedServer(t);
  const none = await runIn(dir, ['up', 'worker'], { FAKTORY_SERVER_IP });
  assert.equal(none.code, 104);
  assert.match(none.stderr, /asks for a password and none is known here[\s\S]*FAKTORY_PASSWORD=… just worker/);

  const given = await runIn(dir, ['up', 'worker'], { FAKTORY_SERVER_IP, FAKTORY_PASSWORD: 'wrong' });
  assert.equal(given.code, 104);
  assert.match(given.stderr, /takes another password than the one given/);
  assert.doesNotMatch(given.stderr, /wrong/);
  assert.equal(existsSync(join(dir, '.env')), false);

  writeFileSync(join(dir, '.env'), 'FAKTORY_PASSWORD=wrong\n');
  const kept = await runIn(dir, ['up', 'worker'], { FAKTORY_SERVER_IP });
  assert.match(kept.stderr, /takes another password than the one in \.env of this checkout/);
});

test('up worker for a server that speaks TLS: the worker does too, as a plain process', async (t) => {
  const dir = bareCheckout(t);
  const server = await startServer({ host: '127.0.0.1', port: 0, tls: testCertificate });
  t.after(() => server.close());
  const authority = join(dir, 'authority.pem');
  writeFileSync(authority, testCertificate.cert);
  const env = { FAKTORY_URL: server.url, NODE_EXTRA_CA_CERTS: authority };
  assert.match(server.url, /^tcp\+tls:/);
  const { code, stdout, stderr } = await runIn(dir, ['up', 'worker', '5', '1'], env);
  await runIn(dir, ['clean', '--yes']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`the worker fetches jobs from ${server.url.replace('+', '\\+')}`));
});

test('JOBSTORM_ENGINE=docker where there is none is a bad setting; unset, processes are taken and one line says why', async (t) => {
  const dir = bareCheckout(t);
  const without = { PATH: '/nowhere' };
  const forced = await runIn(dir, ['status'], { ...without, JOBSTORM_ENGINE: 'docker' });
  assert.equal(forced.code, 104);
  assert.match(forced.stderr, /JOBSTORM_ENGINE=docker, but there is no docker program on this machine/);

  const free = await runIn(dir, ['status'], { ...without, JOBSTORM_ENGINE: '' });
  assert.equal(free.code, 0, free.stderr);
  assert.match(
    free.stdout,
    /^there is no docker program on this machine: the parts run as plain processes instead\nnothing /,
  );
});

test('clean without a terminal wants --yes, and then deletes what it named', async (t) => {
  const dir = bareCheckout(t);
  mkdirSync(join(dir, '.jobstorm/logs'), { recursive: true });
  writeFileSync(join(dir, '.jobstorm/logs/worker.log'), 'words\n');
  const asked = await runIn(dir, ['clean']);
  assert.equal(asked.code, 104);
  assert.match(asked.stdout, /would end and delete, for good:\n {2}logs of worker/);
  assert.match(asked.stderr, /no terminal to ask on: jobstorm clean --yes/);
  assert.ok(existsSync(join(dir, '.jobstorm/logs/worker.log')));

  assert.equal((await runIn(dir, ['clean', '--yes'])).code, 0);
  assert.ok(!existsSync(join(dir, '.jobstorm/logs/worker.log')));
  assert.match((await runIn(dir, ['clean'])).stdout, /has left nothing here/);
});

test('link: the token of the own cluster, a key of the password for another one, and whether anybody answers', async (t) => {
  const dir = bareCheckout(t);
  const cluster = { url: 'tcp://127.0.0.1:1', api: null, startedAt: '', by: 'server', engine: 'docker' } as const;
  writeFileSync(join(dir, '.env'), 'FAKTORY_PASSWORD=p\nJOBSTORM_TOKEN=own\n');
  writeCurrent(dir, { ...cluster, control: `http://127.0.0.1:${await freePort()}` });
  const own = await runIn(dir, ['link']);
  assert.match(own.stdout, /^http:\/\/\S+\/#token=own\n$/);
  assert.equal(own.code, 1);
  assert.match(own.stderr, /no control room answers there now/);

  writeCurrent(dir, { ...cluster, by: 'worker', control: `http://127.0.0.1:${await freePort()}` });
  const other = await runIn(dir, ['link']);
  assert.match(other.stdout, /^http:\/\/\S+\/#token=[\w-]{32}\n$/);
});

test('down forgets the cluster that it ended, and not one elsewhere', async (t) => {
  const dir = bareCheckout(t);
  const cluster = { url: 'tcp://127.0.0.1:1', api: null, control: null, startedAt: '', engine: 'native' } as const;
  for (const [by, word, left] of [
    ['server', 'worker', true],
    ['server', 'server', false],
    ['worker', 'server', true],
  ] as const) {
    writeCurrent(dir, { ...cluster, by });
    assert.equal((await runIn(dir, ['down', word])).code, 0);
    assert.equal(readdirSync(join(dir, '.jobstorm')).includes('current'), left, `${by}, down ${word}`);
  }
});

test('up server makes the secrets once, for the owner only, and keeps other lines', async (t) => {
  const dir = bareCheckout(t);
  writeFileSync(join(dir, '.env'), '# mine\nLOG_LEVEL=info\n');
  const taken = await startServer({ host: '127.0.0.1', port: 0 });
  t.after(() => taken.close());
  // A port that is in use ends it before anything starts.
  const [web, api, dashboard] = await Promise.all([freePort(), freePort(), freePort()]);
  const ports = {
    FAKTORY_PORT: String(taken.port),
    FAKTORY_WEB_PORT: String(web),
    API_PORT: String(api),
    DASHBOARD_PORT: String(dashboard),
  };
  const first = await runIn(dir, ['up', 'server'], ports);
  assert.notEqual(first.code, 0);
  assert.match(first.stderr, new RegExp(`port ${taken.port} is in use`));
  const text = readFileSync(join(dir, '.env'), 'utf8');
  assert.match(text, /^# mine\nLOG_LEVEL=info\nFAKTORY_PASSWORD=[\w-]{32}\nJOBSTORM_TOKEN=[\w-]{32}\n$/);
  await runIn(dir, ['up', 'server'], ports);
  assert.equal(readFileSync(join(dir, '.env'), 'utf8'), text);

  const open = bareCheckout(t);
  const { stdout } = await runIn(open, ['up', 'server'], { ...ports, JOBSTORM_OPEN: '1' });
  assert.match(stdout, /JOBSTORM_OPEN: no password and no token/);
  assert.equal(existsSync(join(open, '.env')), false);
});
