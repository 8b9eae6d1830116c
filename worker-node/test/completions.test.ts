import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerUrl } from '@jobstorm/protocol';
import { type FakeScript, FakeServer, until, watchLeaks } from '@jobstorm/testkit';
import { Completions } from '../src/completions.ts';
import type { Pace } from '../src/pace.ts';
import { Run } from '../src/run.ts';

interface Rig {
  fake: FakeServer;
  completions: Completions;
  /** `ok jid`, `failed jid` or `refused jid: text`, in the order of the answers. */
  heard: string[];
  finish(jid: string, failLine?: string): Run;
}

const quiet: Pace = { roundTripMs: 0, gathering: false, paused: false };

async function withCompletions(
  script: FakeScript,
  lanes: number,
  check: (rig: Rig) => Promise<void>,
  pace: Pace = { ...quiet },
): Promise<void> {
  const leaks = watchLeaks();
  const fake = await FakeServer.start({ script });
  const heard: string[] = [];
  const completions = new Completions({
    link: { address: parseServerUrl(fake.url), minWaitMs: 5 },
    lanes,
    pace,
    onAnswered: (run, failed) => heard.push(`${failed ? 'failed' : 'ok'} ${run.job.jid}`),
    onRefused: (run, text) => heard.push(`refused ${run.job.jid}: ${text}`),
  });
  const finish = (jid: string, failLine: string | null = null) => {
    const run = new Run({ jid, jobtype: 'add', args: [] }, null, 0, completions);
    run.failLine = failLine;
    completions.finish(run);
    return run;
  };
  await completions.start();
  try {
    await check({ fake, completions, heard, finish });
  } finally {
    await completions.stop();
    await fake.close();
  }
  await leaks.settle();
}

const answerAll: FakeScript = (line) => (/^(ACK|FAIL) /.test(line) ? '+OK\r\n' : undefined);

test('every finished run is sent once, and over when it is answered', async () => {
  await withCompletions(answerAll, 3, async ({ fake, completions, heard, finish }) => {
    const runs = Array.from({ length: 500 }, (_, i) => finish(`job-${i}`));
    assert.equal(completions.inFlight, 500);
    assert.equal(await completions.drained(10_000), true);
    assert.equal(completions.inFlight, 0);
    assert.deepEqual([...heard].sort(), runs.map(({ job }) => `ok ${job.jid}`).sort());
    assert.ok(runs.every(({ state }) => state === 'over'));
    const lines = fake.received.filter(({ line }) => line.startsWith('ACK '));
    assert.equal(lines.length, 500);
    assert.equal(new Set(lines.map(({ connection }) => connection)).size, 3, 'all lanes share the work');
  });
});

test('on one lane answers keep the order of the ends', async () => {
  await withCompletions(answerAll, 1, async ({ completions, heard, finish }) => {
    finish('job-1');
    finish('job-2', 'FAIL {"jid":"job-2"}');
    finish('job-3');
    await completions.drained(10_000);
    assert.deepEqual(heard, ['ok job-1', 'failed job-2', 'ok job-3']);
  });
});

test('any jid comes through as it is', async () => {
  const jids = ['plain_1.2:3-4', 'with "quotes"', 'back\\slash', 'ümläut 漢字 🎉', 'line\nbreak\r\u0000', ' ', '}'];
  await withCompletions(answerAll, 1, async ({ fake, completions, finish }) => {
    for (const jid of jids) finish(jid);
    await completions.drained(10_000);
    const sent = fake.linesLike(/^ACK /).map((line) => JSON.parse(line.slice(4)));
    assert.deepEqual(
      sent,
      jids.map((jid) => ({ jid })),
    );
  });
});

test('what the server refuses is told with its words, and is over', async () => {
  const refuse: FakeScript = (line) => (line.startsWith('FAIL ') ? '-ERR Job not found job-1\r\n' : undefined);
  await withCompletions(refuse, 1, async ({ completions, heard, finish }) => {
    const run = finish('job-1', 'FAIL {"jid":"job-1"}');
    assert.equal(await completions.drained(10_000), true);
    assert.deepEqual(heard, ['refused job-1: ERR Job not found job-1']);
    assert.equal(run.state, 'over');
  });
});

test('what was not answered when the connection went is sent again on the next', async () => {
  let drop = true;
  const script: FakeScript = (line) => {
    if (!/^(ACK|FAIL) /.test(line)) return undefined;
    if (drop && line.includes('job-1"')) return { after: 'reset' };
    return drop ? undefined : '+OK\r\n';
  };
  await withCompletions(script, 1, async ({ fake, completions, heard, finish }) => {
    finish('job-0');
    finish('job-1');
    finish('job-2', 'FAIL {"jid":"job-2"}');
    await until('the connection to go', () => completions.connection === null);
    drop = false;
    // Finished while there is no connection at all.
    finish('job-3');
    assert.equal(completions.inFlight, 4);
    assert.equal(await completions.drained(10_000), true);
    assert.deepEqual(heard.sort(), ['failed job-2', 'ok job-0', 'ok job-1', 'ok job-3']);
    assert.equal(fake.linesLike(/job-0"/).length, 2);
  });
});

test('another lane takes over from one that went', async () => {
  const script: FakeScript = (line, { connection }) => {
    if (!line.startsWith('ACK ')) return undefined;
    return connection === 0 ? { after: 'reset' } : '+OK\r\n';
  };
  await withCompletions(script, 2, async ({ completions, heard, finish }) => {
    for (let i = 0; i < 100; i++) finish(`job-${i}`);
    assert.equal(await completions.drained(10_000), true);
    assert.equal(heard.length, 100);
  });
});

/** Takes an ACK and then reads no more, not even the end of the connection. */
const stuck: FakeScript = (line) => (line.startsWith('ACK ') ? { after: 'stall' } : undefined);
const acks = ({ received }: FakeServer) =>
  received.flatMap(({ line, connection }) => (line.startsWith('ACK ') ? [connection] : []));

test('a server that never answers is given up after the timeout, and its connections are ended at once', async () => {
  await withCompletions(stuck, 2, async ({ fake, completions, heard, finish }) => {
    for (let i = 0; i < 40; i++) finish(`job-${i}`);
    await until('both lanes to be stuck', () => new Set(acks(fake)).size === 2);
    assert.equal(await completions.drained(20), false);
    await completions.stop();
    assert.equal(completions.inFlight, 40);
    assert.deepEqual(heard, []);
    assert.deepEqual(completions.connections(), []);
  });
});

test('with nothing in flight it is drained', async () => {
  await withCompletions(answerAll, 1, async ({ completions }) => {
    assert.equal(await completions.drained(0), true);
  });
});
