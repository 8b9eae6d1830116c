import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import { startServer } from '@jobstorm/server-node';
import { freePort, isAlive, until } from '@jobstorm/testkit';
import { spawnWorker, withWorker } from './child-worker.ts';
import { pushMany, withServer } from './worker-rig.ts';

const patient = { timeoutMs: 30_000, intervalMs: 20 };
const dir = mkdtempSync(join(tmpdir(), 'jobstorm-worker-'));
after(() => rmSync(dir, { recursive: true }));

test('the settings in force are printed, without the password', async () => {
  await withServer(async ({ server }) => {
    const url = server.url.replace('tcp://', 'tcp://:secret@');
    await withWorker(['20', '1', '--url', url], async ({ child, exit, output }) => {
      assert.match(output(), /20 slots in one process.*, fetching from tcp:\/\/127\.0\.0\.1:\d+/);
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
      await until('its connections to go', () => server.info().server.connections === 2, patient);
      await push('add', [1, 2]);
      await until('the next to do the job', () => counts().processed === 11, patient);
      assert.match(
        output(),
        /a worker process died \(SIGKILL\); the \d+ jobs? that it held come back .*; starting another/,
      );
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

test('--cpu-prof leaves a profile of each process', async () => {
  const folder = join(dir, 'profiles');
  await withServer(async ({ server }) => {
    const argv = ['20', '1', '--url', server.url, '--cpu-prof', folder];
    await withWorker(argv, async ({ child, exit, processes }) => {
      const [pid] = processes();
      child.kill('SIGTERM');
      assert.equal(await exit, 0);
      // What transforms sources has a thread, and a profile, of its own.
      const name = readdirSync(folder).find((each) => each.includes(`.${pid}.0.`));
      const profile = JSON.parse(readFileSync(join(folder, name!), 'utf8'));
      assert.ok(profile.nodes.length > 0);
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
