import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, mock, test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import type { Client } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { epochUs } from '@jobstorm/telemetry';
import { freePort, isAlive, until } from '@jobstorm/testkit';
import { Supervisor } from '../src/supervisor.ts';
import { spawnWorker, withWorker } from './child-worker.ts';
import { queue, withServer, workerOptions } from './worker-rig.ts';

const patient = { timeoutMs: 30_000, intervalMs: 20 };
const dir = mkdtempSync(join(tmpdir(), 'jobstorm-worker-'));
after(() => rmSync(dir, { recursive: true }));

async function pushMany(client: Client, count: number, jobtype = 'sleep', args = [5]): Promise<void> {
  for (let from = 0; from < count; from += 1000) {
    const jobs = Array.from({ length: Math.min(1000, count - from) }, (_, i) => ({
      jid: `job-${jobtype}-${from + i}`,
      jobtype,
      args,
      queue,
      retry: 0,
      reserve_for: 60,
      custom: { run: 'r1', seq: from + i, due: epochUs() },
    }));
    assert.deepEqual(await client.pushBulk(jobs), {});
  }
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} in mid-run: no reservation is left, every job is done or queued, no process stays`, async () => {
    await withServer(async ({ server, client, counts }) => {
      const total = 20_000;
      await pushMany(client, total);
      await withWorker(['200', '2', '--url', server.url], async ({ child, exit, processes, output }) => {
        await until('a good part to be done', () => counts().processed > 1000, patient);
        const pids = processes();
        assert.ok(pids.length >= 1);
        child.kill(signal);
        assert.equal(await exit, 0);
        const { queued, processed, working, failures } = counts();
        assert.equal(working, 0);
        assert.equal(failures, 0);
        assert.equal(queued + processed, total);
        assert.ok(queued > 0, 'it was stopped in mid-run');
        assert.deepEqual(pids.filter(isAlive), []);
        assert.doesNotMatch(output(), /unexpected|died/);
      });
    });
  });
}

test('the settings in force are printed, without the password', async () => {
  await withServer(async ({ server }) => {
    const url = server.url.replace('tcp://', 'tcp://:secret@');
    await withWorker(['20', '1', '--url', url], async ({ child, exit, output }) => {
      assert.match(output(), /20 slots in one process, fetching from tcp:\/\/127\.0\.0\.1:\d+/);
      assert.doesNotMatch(output(), /secret/);
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
    });
  });
});

test('a worker process that is killed is replaced, and it is said', async () => {
  await withServer(async ({ server, client, counts, push }) => {
    await withWorker(['20', '1', '--url', server.url], async ({ child, exit, processes, output }) => {
      await pushMany(client, 10, 'sleep', [0]);
      await until('jobs to be done', () => counts().processed === 10, patient);
      const before = processes();
      for (const pid of before) process.kill(pid, 'SIGKILL');
      await until('its connections to go', () => server.info().server.connections === 1, patient);
      await push('add', [1, 2]);
      await until('the next to do the job', () => counts().processed === 11, patient);
      assert.match(output(), /a worker process died \(SIGKILL\); its jobs come back .*; starting another/);
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
    });
  });
});

test('a replacement that dies before it is ready is replaced as well', async () => {
  await withServer(async ({ server, counts, push }) => {
    await withWorker(['20', '1', '--url', server.url], async ({ child, exit, processes, output }) => {
      for (let round = 0; round < 2; round++) {
        const [pid] = await until('a process', () => (processes().length > 0 ? processes() : null), patient);
        process.kill(pid!, 'SIGKILL');
        await until('its end', () => !isAlive(pid!), patient);
      }
      await push('add', [1, 2]);
      await until('the job to be done', () => counts().processed === 1, patient);
      assert.match(output(), /a worker process ended before it was ready \(SIGKILL\)/);
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
    });
  });
});

test('a supervisor that is killed leaves no process and no reservation', async () => {
  await withServer(async ({ server, client, counts }) => {
    await withWorker(['50', '2', '--url', server.url], async ({ child, exit, processes }) => {
      await pushMany(client, 5000);
      await until('some to be done', () => counts().processed > 200, patient);
      const pids = processes();
      assert.ok(pids.length >= 1);
      child.kill('SIGKILL');
      assert.equal(await exit, 'SIGKILL');
      await until('the processes to end', () => !pids.some(isAlive), patient);
      assert.equal(counts().working, 0);
      assert.equal(counts().queued + counts().processed, 5000);
    });
  });
});

test('a process that a handler holds for ever is killed once its grace is over', async () => {
  await withServer(
    async ({ server, push, counts }) => {
      const logs: string[] = [];
      const { address, queues, connections } = workerOptions(server.url);
      const supervisor = new Supervisor({
        slots: [5],
        log: (message) => logs.push(message),
        limits: [],
        start: {
          ...{ engine: 'pipelined', address, queues, connections, graceMs: 1000 },
          ...{
            jobsFile: null,
            jobTimeoutMs: null,
            idleConnections: 4,
            control: null,
            token: null,
            hostName: null,
            capCores: 1,
            version: 'test',
          },
        },
      });
      await supervisor.start();
      const { pids } = supervisor;
      await push('spin', [600_000]);
      await until('the job to run', () => counts().working === 1, patient);
      mock.timers.enable({ apis: ['setTimeout'] });
      const stopped = supervisor.stop();
      mock.timers.tick(15_999);
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

test('SIGTSTP: what runs goes on, nothing is fetched; SIGTERM then ends it', async () => {
  await withServer(async ({ server, push, counts }) => {
    await withWorker(['20', '1', '--url', server.url], async ({ child, exit }) => {
      await push('sleep', [1500]);
      await until('the job to run', () => counts().working === 1, patient);
      const connections: number[] = [server.info().server.connections];
      child.kill('SIGTSTP');
      await until(
        'the connections that fetch to have ended',
        () => {
          connections.push(server.info().server.connections);
          const lately = connections.slice(-10);
          return lately.length === 10 && lately.every((count) => count === lately[0] && count < connections[0]!);
        },
        patient,
      );
      await push('add', [1, 2]);
      await until('the job to be done', () => counts().processed === 1, patient);
      assert.equal(counts().queued, 1);
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
      assert.deepEqual([counts().queued, counts().working], [1, 0]);
    });
  });
});

test("a user's handlers run; one that ends its process leaves the others' work to the next", async () => {
  const file = join(dir, 'jobs.mjs');
  writeFileSync(
    file,
    `export const greet = (name) => 'hello ' + name;
     export const bad = () => { throw 'a text'; };
     export const crash = () => new Promise(() => setTimeout(() => { throw new Error('out of turn'); }));`,
  );
  await withServer(
    async ({ server, push, counts }) => {
      await withWorker(['20', '1', '--url', server.url, '--jobs', file], async ({ child, exit, output }) => {
        await push('greet', ['you']);
        await push('bad', []);
        await until('both to be answered', () => counts().processed === 2, patient);
        assert.deepEqual([counts().failures, counts().retries], [1, 1]);
        await push('crash', []);
        await until('another process', () => /starting another/.test(output()), patient);
        await push('greet', ['again']);
        await until('it to work', () => counts().processed === 3, patient);
        assert.match(output(), /out of turn/);
        child.kill('SIGTERM');
        assert.equal(await exit, 0);
      });
    },
    { reserved: 1 },
  );
});

const refusals: [string, string[], Record<string, string>, number, RegExp][] = [
  ['an unknown flag', ['--nosuch'], {}, 104, /^jobstorm worker: unknown flag --nosuch/m],
  ['slots out of range', ['0', '1'], {}, 104, /got "0", expected a whole number of slots/],
  ['a URL that is none', ['--url', 'http://x'], {}, 104, /--url: got "http:\/\/x", expected tcp:/],
  ['a control room that is none', ['--control', 'ws://'], {}, 104, /--control: got "ws:\/\/"/],
  [
    'a jobs file that is not there',
    ['--jobs', '/nowhere/jobs.mjs'],
    {},
    1,
    /--jobs \/nowhere\/jobs\.mjs can't be loaded/,
  ],
];

for (const [name, argv, env, code, expected] of refusals) {
  test(`${name} ends it with ${code}`, async () => {
    const worker = spawnWorker(argv, env);
    try {
      assert.equal(await worker.exit, code);
      assert.match(worker.output(), expected);
      assert.doesNotMatch(worker.output(), /^ {4}at /m, 'no stack');
    } finally {
      worker.kill();
    }
  });
}

for (const engine of ['pipelined', 'faktory-worker']) {
  test(`${engine}: a server that is not there is named in one sentence, exit code 1, for all processes once`, async () => {
    const port = await freePort();
    const worker = spawnWorker(['10', '2', '--engine', engine], { FAKTORY_SERVER_IP: `127.0.0.1:${port}` });
    try {
      assert.equal(await worker.exit, 1);
      const lines = worker
        .output()
        .split('\n')
        .filter((line) => line.includes(`127.0.0.1:${port}`));
      assert.match(
        lines.at(-1)!,
        new RegExp(`^jobstorm worker: nothing listens at tcp://127\\.0\\.0\\.1:${port}: check`),
      );
      assert.doesNotMatch(worker.output(), /^ {4}at /m, 'no stack');
    } finally {
      worker.kill();
    }
  });

  test(`${engine}: a wrong password is said, exit code 1`, async () => {
    const server = await startServer({ host: '127.0.0.1', port: 0, password: 'secret' });
    const argv = ['10', '1', '--url', server.url, '--engine', engine];
    const worker = spawnWorker(argv, { FAKTORY_PASSWORD: 'tried' });
    try {
      assert.equal(await worker.exit, 1);
      assert.match(worker.output(), /did not take the password: check FAKTORY_PASSWORD/);
      assert.doesNotMatch(worker.output(), /tried|^ {4}at /m);
    } finally {
      worker.kill();
      await server.close();
    }
  });
}

test('snapshots reach the control room, and the end of a run is in them', async () => {
  const control = await startControlRoom({ host: '127.0.0.1', port: 0 });
  try {
    await withServer(async ({ server, client }) => {
      const argv = ['100', '2', '--url', server.url, '--control', control.url.replace('http', 'ws')];
      await withWorker(argv, async ({ child, exit }) => {
        await until('the worker to be seen', () => control.room.workers().length > 0, patient);
        await pushMany(client, 3000, 'noop', []);
        await until('all to be told', () => control.room.run('r1')?.completed === 3000, patient);
        const run = control.room.run('r1')!;
        assert.equal(run.duplicated, 0);
        assert.deepEqual(run.missing(3000), []);
        child.kill('SIGTERM');
        assert.equal(await exit, 0);
        await until('it to be gone', () => control.room.workers().length === 0, patient);
      });
    });
  } finally {
    await control.close();
  }
});

test('without its control room a worker works on', async () => {
  const port = await freePort();
  await withServer(async ({ server, push, counts }) => {
    const argv = ['10', '1', '--url', server.url, '--control', `ws://127.0.0.1:${port}`];
    await withWorker(argv, async ({ child, exit, output }) => {
      await push('add', [1, 2]);
      await until('the job to be done', () => counts().processed === 1, patient);
      await until('it to be said', () => /the control room at ws:.* can't be reached/.test(output()), patient);
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
    });
  });
});
