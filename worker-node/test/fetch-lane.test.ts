import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { FakeServer, until, watchLeaks } from '@jobstorm/testkit';
import { FetchLane } from '../src/fetch-lane.ts';
import { FetchPlanner } from '../src/fetch-plan.ts';
import { noLimits, parseQueues } from '../src/queue-rules.ts';

const maxWindow = 16;

interface Rig {
  lane: FetchLane;
  jobs: string[];
  errors: string[];
  changes: () => number;
}

async function makeLane(url: string, planner = new FetchPlanner(parseQueues(['q']), noLimits)): Promise<Rig> {
  const jobs: string[] = [];
  const errors: string[] = [];
  let changes = 0;
  const lane = new FetchLane({
    link: { address: parseServerUrl(url), minWaitMs: 5 },
    planner,
    maxWindow,
    onJob: (text) => jobs.push(text),
    onChange: () => changes++,
    onError: (text) => errors.push(text),
  });
  await lane.start();
  return { lane, jobs, errors, changes: () => changes };
}

/** A lane before a server that answers FETCHes only when the test says so. */
async function withLane(
  check: (rig: Rig & { fake: FakeServer; give(replies: string[]): Promise<void> }) => Promise<void>,
) {
  const leaks = watchLeaks();
  const fake = await FakeServer.start();
  const rig = await makeLane(fake.url);
  const give = async (replies: string[]) => {
    const after = rig.lane.outstanding - replies.length;
    fake.broadcast(replies.join(''));
    await until('the replies to be taken', () => rig.lane.outstanding === after);
  };
  try {
    await check({ ...rig, fake, give });
  } finally {
    fake.dropConnections();
    await rig.lane.finish();
    await fake.close();
  }
  await leaks.settle();
}

const job = '$2\r\n{}\r\n';
const nil = '$-1\r\n';
const jobsOf = (count: number) => new Array<string>(count).fill(job);
/** Round trips of hours make any answer a quick one, and a look from hours later makes it a slow one. */
const quickly = (lane: FetchLane) => lane.judge(performance.now(), 1e7, true);
const slowly = (lane: FetchLane) => lane.judge(performance.now() + 1e7, 0, true);

async function growTo(window: number, { lane, give }: { lane: FetchLane; give(replies: string[]): Promise<void> }) {
  while (lane.room < window) {
    const room = lane.room;
    lane.fetch(room);
    await give(jobsOf(room));
    quickly(lane);
  }
  assert.equal(lane.room, window);
}

test('the window begins at 1, doubles with each that was answered quickly, and ends at its maximum', async () => {
  await withLane(async ({ lane, give, jobs, fake }) => {
    const windows: number[] = [];
    for (let i = 0; i < 6; i++) {
      windows.push(lane.room);
      lane.fetch(lane.room);
      assert.equal(lane.room, 0);
      await give(jobsOf(lane.outstanding));
      quickly(lane);
    }
    assert.deepEqual(windows, [1, 2, 4, 8, 16, 16]);
    assert.equal(jobs.length, 1 + 2 + 4 + 8 + 16 + 16);
    assert.equal(fake.linesLike(/^FETCH q$/).length, jobs.length);
  });
});

test('a slow window halves it, down to 1', async () => {
  await withLane(async (rig) => {
    const { lane, give } = rig;
    await growTo(8, rig);
    const windows: number[] = [];
    for (let i = 0; i < 5; i++) {
      lane.fetch(lane.room);
      await give(jobsOf(lane.outstanding));
      slowly(lane);
      windows.push(lane.room);
    }
    assert.deepEqual(windows, [4, 2, 1, 1, 1]);
  });
});

test('less than a whole window is no reason to change it', async () => {
  await withLane(async (rig) => {
    const { lane, give } = rig;
    await growTo(4, rig);
    lane.fetch(3);
    await give(jobsOf(3));
    quickly(lane);
    assert.equal(lane.room, 4);
    slowly(lane);
    assert.equal(lane.room, 4);
  });
});

test('a FETCH that comes back empty makes it 1, and what is still out counts', async () => {
  await withLane(async (rig) => {
    const { lane, give, jobs } = rig;
    await growTo(8, rig);
    const before = jobs.length;
    lane.fetch(8);
    await give([nil]);
    assert.equal(lane.outstanding, 7);
    assert.equal(lane.room, 0);
    await give(new Array<string>(7).fill(nil));
    assert.equal(lane.room, 1);
    assert.equal(jobs.length, before);
  });
});

test('after an error reply it pauses, tells it, and says when it goes on', async () => {
  await withLane(async ({ lane, give, errors, changes }) => {
    lane.fetch(1);
    await give(['-ERR shutdown in progress\r\n']);
    assert.deepEqual(errors, ['ERR shutdown in progress']);
    assert.equal(lane.room, 0);
    const before = changes();
    await until('the pause to end', () => changes() > before);
    assert.equal(lane.room, 1);
  });
});

test('a lost connection takes its FETCHes along, and the lane begins anew', async () => {
  await withLane(async (rig) => {
    const { lane, fake, changes } = rig;
    await growTo(4, rig);
    lane.fetch(4);
    await until('the FETCHes to arrive', () => fake.linesLike(/^FETCH/).length === 7);
    const before = changes();
    fake.dropConnections();
    await until('the connection to come back', () => changes() > before && lane.room > 0);
    assert.equal(lane.outstanding, 0);
    assert.equal(lane.room, 1);
  });
});

test('finish waits for what was asked for: a job that still comes is not lost', async () => {
  // Real Faktory does not notice a half-close, and answers a FETCH that blocks when it would have anyhow.
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    socket.write('+HI {"v":2}\r\n');
    socket.on('data', (chunk) => String(chunk).startsWith('HELLO') && socket.write('+OK\r\n'));
    socket.on('end', () => setImmediate(() => socket.end(job + nil)));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { lane, jobs, errors } = await makeLane(`tcp://127.0.0.1:${(listener.address() as AddressInfo).port}`);
  lane.fetch(1);
  lane.fetch(1);
  const finished = lane.finish();
  assert.equal(lane.room, 0);
  await finished;
  assert.deepEqual(jobs, ['{}']);
  assert.equal(lane.outstanding, 0);
  assert.deepEqual(errors, []);
  await new Promise((resolve) => listener.close(resolve));
});

test('a lane that finishes leaves every job with itself or with the server', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0 });
  const client = await Client.connect({ address: parseServerUrl(server.url) });
  const { lane, jobs } = await makeLane(server.url);
  lane.fetch(1);
  await until('the FETCH to wait', () => server.info().server.command_count === 1);
  const finished = lane.finish();
  await client.push({ jid: 'job-00001', jobtype: 'add', args: [], queue: 'q', retry: 0 });
  await finished;
  assert.equal(server.info().faktory.sets.working, jobs.length);
  assert.equal(server.info().faktory.queues.q, 1 - jobs.length);
  assert.equal(lane.connection, null);
  await client.close();
  await server.close();
});
