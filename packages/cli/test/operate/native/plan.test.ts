import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerPlan, WorkerPlan } from '../../../src/operate/engine.ts';
import { hostOf, serverSpecs, workerSpec } from '../../../src/operate/native/plan.ts';

const env = { PATH: '/bin', TERM: 'dumb' };
const serverPlan: ServerPlan = {
  embedded: false,
  open: false,
  password: 'sesame',
  token: 'open-up',
  ports: { faktory: 7001, web: 7002, api: 7003, dashboard: 7004 },
  env,
};
const workerPlan: WorkerPlan = {
  host: '192.0.2.7',
  port: 7001,
  password: 'sesame',
  token: 'open-up',
  concurrency: 6000,
  cpus: 8,
  rolling: false,
  control: 'ws://192.0.2.7:7004',
  env,
};

const serverSide = (change: Partial<ServerPlan> = {}, host?: string) => {
  const [server, dashboard, api] = serverSpecs({ ...serverPlan, ...change }, host);
  return { server: server!, dashboard: dashboard!, api: api! };
};
const worker = (change: Partial<WorkerPlan> = {}) => workerSpec({ ...workerPlan, ...change });

test('secrets go by the environment and never by arguments', () => {
  for (const spec of [...Object.values(serverSide()), worker()]) {
    const { part, args, env: told, settings } = spec;
    assert.doesNotMatch(args.join(' ') + settings, /sesame|open-up/, part);
    assert.deepEqual([told.FAKTORY_PASSWORD, told.JOBSTORM_TOKEN], ['sesame', 'open-up'], part);
    assert.equal(told.PATH, '/bin');
  }
});

test('other machines are let in once there are secrets, or when none are wanted', () => {
  assert.equal(hostOf({ open: false, password: 'p', token: 't' }), '0.0.0.0');
  assert.equal(hostOf({ open: true, password: null, token: null }), '0.0.0.0');
  assert.equal(hostOf({ open: false, password: null, token: 't' }), '127.0.0.1');
  const { server, api, dashboard } = serverSide();
  assert.deepEqual([server.address, api.address, dashboard.address], ['0.0.0.0:7001', '0.0.0.0:7003', '0.0.0.0:7004']);
  assert.match(api.args.join(' '), /--url tcp:\/\/127\.0\.0\.1:7001 --control ws:\/\/127\.0\.0\.1:7004/);
});

test('JOBSTORM_OPEN reaches the parts only when the plan says so', () => {
  const asked = { ...env, JOBSTORM_OPEN: '1' };
  assert.equal(serverSide({ env: asked }).api.env.JOBSTORM_OPEN, undefined);
  const open = serverSide({ open: true, password: null, token: null });
  for (const { env: told } of Object.values(open)) {
    assert.equal(told.JOBSTORM_OPEN, '1');
    assert.equal('FAKTORY_PASSWORD' in told || 'JOBSTORM_TOKEN' in told, false);
  }
});

test('addresses and secrets of the environment do not get past the plan; other settings do, also out of .env', () => {
  const file = { FAKTORY_PASSWORD: 'of the file', BATCH_MAX_SIZE: '500', WORKER_QUEUES: 'a,b', LOG_LEVEL: 'debug' };
  const mixed = Object.assign(Object.create(Object.assign(Object.create(null), file)), {
    ...env,
    FAKTORY_URL: 'tcp://elsewhere',
    BIND_ADDR: '0.0.0.0:1',
    BATCH_MAX_SIZE: ' ',
  });
  const { api } = serverSide({ env: mixed, password: null });
  for (const name of ['FAKTORY_URL', 'FAKTORY_PASSWORD', 'BIND_ADDR']) assert.equal(name in api.env, false, name);
  assert.deepEqual([api.env.BATCH_MAX_SIZE, api.env.LOG_LEVEL, api.env.PATH], ['500', 'debug', '/bin']);
  assert.match(worker({ env: mixed }).args.join(' '), /--queues a,b$/);
});

test("settings of one part start no other one anew, a shell's own variables none", () => {
  const before = serverSide();
  const after = serverSide({ env: { ...env, TERM: 'other', BATCH_MAX_SIZE: '500', WORKER_CPUS: '1' } });
  assert.equal(after.server.settings, before.server.settings);
  assert.equal(after.dashboard.settings, before.dashboard.settings);
  assert.notEqual(after.api.settings, before.api.settings);
  const renamed = serverSide({ password: 'other' });
  for (const part of ['server', 'api', 'dashboard'] as const)
    assert.notEqual(renamed[part].settings, before[part].settings, part);
});

test("a worker's slots and CPUs are settings of its own; without them the environment's hold", () => {
  const { env: told, settings } = worker();
  assert.deepEqual([told.WORKER_CONCURRENCY, told.WORKER_CPUS], ['6000', '8']);
  assert.notEqual(worker({ concurrency: 5000 }).settings, settings);
  assert.equal(worker({ concurrency: null, env: { ...env, WORKER_CONCURRENCY: '6000' } }).settings, settings);
});
