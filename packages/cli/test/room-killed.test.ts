// The control room killed with -9 in the middle of a run, and started again at the same place: workers and the run's generator find it
// again, the run goes on, and its record is whole.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { startServer } from '@jobstorm/server-node';
import { freePort, until } from '@jobstorm/testkit';
import { jsonPath, readResult, startCli, wasStarved } from './run-cli.ts';

const jobs = 1000;

interface Brief {
  id: string;
  ended: boolean;
  lines: number;
}

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-room-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A control room as a process of its own. */
function roomAt(t: TestContext, port: number, url: string, runs: string) {
  const listen = `127.0.0.1:${port}`;
  const room = startCli(['dashboard', '--listen', listen, '--url', url, '--runs', runs]);
  t.after(() => room.child.kill('SIGKILL'));
  const answers = until(
    'the control room to answer',
    () =>
      fetch(`http://${listen}/health`)
        .then((r) => r.ok)
        .catch(() => false),
    {
      timeoutMs: 30_000,
      intervalMs: 20,
    },
  );
  const briefs = async () => ((await (await fetch(`http://${listen}/history`)).json()) as { runs: Brief[] }).runs;
  return { ...room, answers, briefs, origin: `http://${listen}` };
}

/** A run of some 4 s that is told to that room, seen to be under way. */
async function runAt(t: TestContext, url: string, room: ReturnType<typeof roomAt>) {
  const json = jsonPath();
  const small = ['--jobtype', 'sleep', '--service-time', '20ms', '--concurrency', '10', '--cpus', '1'];
  const args = ['perf-test', String(jobs), '--rate', '250', ...small, '--url', url, '--control', room.origin];
  const run = startCli([...args, '--json', json]);
  t.after(() => run.child.kill('SIGKILL'));
  const brief = await until('its first samples', async () => (await room.briefs()).find(({ lines }) => lines > 3), {
    timeoutMs: 30_000,
    intervalMs: 20,
  });
  return { run, json, id: brief.id };
}

async function isWhole({ briefs, origin }: ReturnType<typeof roomAt>, id: string): Promise<void> {
  await until('the record to have its end', async () => (await briefs()).find((each) => each.id === id)?.ended);
  const text = await (await fetch(`${origin}/history/${id}`)).text();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; counts?: { completed: number } });
  assert.deepEqual([lines[0]?.type, lines.at(-1)?.type], ['header', 'end']);
  const completed = lines.reduce((sum, { counts }) => sum + (counts?.completed ?? 0), 0);
  assert.equal(completed, jobs, 'what was done while the room was away is in the samples after it');
}

test('the control room is killed in the middle of a run and started again when all jobs were done long ago', async (t) => {
  const server = await startServer({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const url = `tcp://127.0.0.1:${server.port}`;
  const [port, runs] = [await freePort(), folder(t)];
  const first = roomAt(t, port, url, runs);
  await first.answers;
  const { run, json, id } = await runAt(t, url, first);
  first.child.kill('SIGKILL');
  await first.ended;
  const client = await Client.connect({ address: parseServerUrl(url) });
  t.after(() => client.close());
  await until('all jobs to be done', async () => (await client.info()).faktory.total_processed === jobs);
  // Longer than a run waits for the last reports of its workers.
  await new Promise((resolve) => setTimeout(resolve, 3500));
  const second = roomAt(t, port, url, runs);
  await second.answers;
  const { code, stdout, stderr } = await run.ended;
  assert.ok(code === 0 || wasStarved({ code, stdout }), `${code}\n${stdout}${stderr}`);
  const { completed, lost, duplicated } = readResult(json).jobs;
  assert.deepEqual({ completed, lost, duplicated }, { completed: jobs, lost: 0, duplicated: 0 });
  await isWhole(second, id);
});
