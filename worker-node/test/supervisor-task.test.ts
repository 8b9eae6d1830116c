// What a supervisor does besides starting and stopping processes: settings that change, heartbeats, memory, deaths.

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { WorkerSettings } from '@jobstorm/telemetry';
import { isAlive, until } from '@jobstorm/testkit';
import { changedTask } from '../src/config.ts';
import { Supervisor, type SupervisorOptions } from '../src/supervisor.ts';
import { plainTask, type Rig, type RigOptions, withServer, workerOptions } from './worker-rig.ts';

const patient = { timeoutMs: 30_000, intervalMs: 20 };

async function withSupervisor(
  more: Partial<SupervisorOptions>,
  check: (supervisor: Supervisor, rig: Rig) => Promise<void>,
  options: RigOptions = {},
): Promise<void> {
  await withServer(async (rig) => {
    const { address } = workerOptions(rig.server.url);
    const supervisor = new Supervisor({
      task: plainTask(5),
      changed: (task, wanted) => changedTask(task, wanted, { maxProcesses: 4, engine: 'pipelined' }),
      log: (message) => rig.logs.push(message),
      start: {
        ...{ engine: 'pipelined', address, graceMs: 5000, jobTimeoutMs: null, jobsFile: null },
        ...{ control: null, token: null, hostName: null, capCores: 1, version: 'test' },
      },
      ...more,
    });
    await supervisor.start();
    try {
      await check(supervisor, rig);
    } finally {
      await supervisor.stop();
    }
  }, options);
}

test('more slots and processes run more at once, fewer let what runs finish first', async () => {
  await withSupervisor({ task: plainTask(2) }, async (supervisor, { push, counts, logs }) => {
    let number = 0;
    const configure = (worker: WorkerSettings) => supervisor.configure({ number: number++, worker });
    configure({ slots: 10, processes: 3 });
    await until('three processes', () => supervisor.pids.length === 3, patient);
    await until('their slots', () => supervisor.health().slots.total === 10, patient);
    for (let i = 0; i < 12; i++) await push('sleep', [2500]);
    await until('ten to be at work', () => counts().working === 10, patient);
    configure({ slots: 1, processes: 1 });
    assert.equal(supervisor.pids.length, 3, 'those that are too many finish what runs');
    await until('one process to be left', () => supervisor.pids.length === 1, patient);
    await until('all to be done', () => counts().processed === 12, patient);
    assert.equal(counts().failures, 0);
    await until('it to be told', () => supervisor.health().slots.total === 1, patient);
    assert.equal(
      logs.filter((line) => /^the control room has changed the settings: \{"slots":10,/.test(line)).length,
      1,
    );
  });
});

test('settings that can not be are said, and change nothing; nor do those that are in force', async () => {
  await withSupervisor({}, async (supervisor, { logs }) => {
    const inForce = { slots: 5, processes: 1, queues: ['jobstorm'], queueSlots: [], rateLimit: [], prefetch: 0 };
    const same = supervisor.configure({ number: 1, worker: { slots: 5, queues: ['jobstorm'] } });
    assert.deepEqual(same, { inForce, refusal: null });
    assert.deepEqual(logs, []);
    const { refusal } = supervisor.configure({ number: 2, worker: { slots: -1 } });
    assert.match(refusal!, /^slots: got -1, expected a whole number/);
    assert.match(logs[0]!, /^the control room wants settings that can't be: slots: got -1, expected a whole number/);
    assert.equal(supervisor.health().slots.total, 5);
  });
});

test('other queues are fetched from after a change', async () => {
  await withSupervisor({}, async (supervisor, { push, counts }) => {
    await push('add', [1, 2], { queue: 'other' });
    supervisor.configure({ number: 1, worker: { queues: ['other'] } });
    await until('the job of the other queue to be done', () => counts().processed === 1, patient);
  });
});

test('a handler that holds its process does not get it reaped, and the worker works on', async () => {
  let nowMs = 0;
  const clock = { nowMs: () => nowMs, epochUs: () => 1_700_000_000_000_000 + nowMs * 1000 };
  await withSupervisor(
    { beatEveryMs: 10 },
    async (_, { push, server, counts }) => {
      await push('spin', [2500], { reserve_for: 3600 });
      await until('it to hold the process', () => counts().working === 1, patient);
      for (let i = 0; i < 4; i++) {
        nowMs += 40_000;
        const { command_count: before } = server.info().server;
        await until('the supervisor to beat', () => server.info().server.command_count > before + 1, patient);
      }
      assert.equal(counts().working, 1, 'the job is still at work');
      const { size, reaped } = server.info().faktory.tasks.Workers;
      assert.deepEqual([size, reaped], [1, 0]);
      await until('the job to be done', () => counts().processed === 1, patient);
    },
    { server: { clock } },
  );
});

test('a process that dies is said with the jobs that it held', async () => {
  await withSupervisor(
    {},
    async (supervisor, { push, counts, logs }) => {
      for (let i = 0; i < 3; i++) await push('sleep', [600_000]);
      await until('all to run', () => counts().working === 3, patient);
      await until('it to be told', () => supervisor.health().slots.running === 3, patient);
      const [pid] = supervisor.pids;
      process.kill(pid!, 'SIGKILL');
      await until('another to be there', () => supervisor.pids.length === 1 && supervisor.pids[0] !== pid, patient);
      assert.match(logs[0]!, /^a worker process died \(SIGKILL\); the 3 jobs that it held come back when their reserv/);
    },
    { reserved: 3 },
  );
});

test('while memory is short no more jobs run at a time, and it is said', async () => {
  let memoryBytes = 100;
  await withSupervisor(
    { task: plainTask(10), memory: () => ({ memoryBytes, memoryLimitBytes: 1000 }) },
    async (supervisor, { push, counts, logs }) => {
      for (let i = 0; i < 2; i++) await push('sleep', [1500]);
      await until('two to run', () => supervisor.health().slots.running === 2, patient);
      memoryBytes = 950;
      await until('it to be said', () => logs.length === 1, patient);
      assert.match(logs[0]!, /^memory is short, 95% of its limit are in use: no more jobs run at a time than do now/);
      await until('the slots to be fewer', () => supervisor.health().slots.total === 2, patient);
      for (let i = 0; i < 8; i++) await push('sleep', [300]);
      memoryBytes = 100;
      await until('it to be over', () => logs.length === 2, patient);
      assert.match(logs[1]!, /^memory is free again, 10% of its limit are in use: 10 slots as before/);
      await until('all to be done', () => counts().processed === 10, patient);
    },
  );
});

test('leave: nothing is fetched, and it ends when what runs is done, past any grace', async () => {
  await withServer(async ({ server, push, counts }) => {
    const { address } = workerOptions(server.url);
    const supervisor = new Supervisor({
      task: plainTask(5),
      log: () => {},
      start: {
        ...{ engine: 'pipelined', address, graceMs: 1, jobTimeoutMs: null, jobsFile: null },
        ...{ control: null, token: null, hostName: null, capCores: 1, version: 'test' },
      },
    });
    await supervisor.start();
    await push('sleep', [1000]);
    await until('it to run', () => counts().working === 1, patient);
    await supervisor.leave();
    assert.deepEqual([counts().processed, counts().failures], [1, 0]);
    assert.deepEqual(supervisor.pids.filter(isAlive), []);
  });
});

test('a process that a handler holds for ever is killed once its grace is over', async () => {
  await withSupervisor(
    {},
    async (supervisor, { push, counts, logs }) => {
      const { pids } = supervisor;
      await push('spin', [600_000]);
      await until('the job to run', () => counts().working === 1, patient);
      mock.timers.enable({ apis: ['setTimeout'] });
      const stopped = supervisor.stop();
      mock.timers.tick(19_999);
      assert.deepEqual(logs, []);
      mock.timers.tick(1);
      mock.timers.reset();
      await stopped;
      assert.match(logs[0]!, /^process \d+ does not end, as a handler holds it: killed; its jobs come back/);
      assert.deepEqual(pids.filter(isAlive), []);
    },
    { reserved: 1 },
  );
});
