// Two people at two pages of one control room, over HTTP: whoever is second is told who has it.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import { type ControlRoomServer, startControlRoom } from '../src/server.ts';

describe('starting and stopping runs over HTTP', () => {
  let server: ControlRoomServer;
  before(async () => {
    server = await startControlRoom({ host: '127.0.0.1', port: 0 });
  });
  after(() => server.close());

  async function post(path: string, body?: object, headers: Record<string, string> = {}) {
    const init = body
      ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } }
      : {};
    const reply = await fetch(server.url + path, { method: 'POST', ...init });
    return { status: reply.status, body: (await reply.json()) as { command?: string; error?: string } };
  }

  it('starts one of two that are asked for at once, and tells the other one which goes on', async () => {
    const flags = (jobs: string) => ({ jobs, jobtype: 'sleep', 'service-time': '1s' });
    const both = await Promise.all(
      ['900000', '800000'].map((jobs) => post('/start', { command: 'perf-test', flags: flags(jobs) })),
    );
    const [first, second] = both.sort((a, b) => a.status - b.status);
    assert.deepEqual([first!.status, second!.status], [200, 409]);
    const { command } = first!.body;
    assert.match(command ?? '', /^jobstorm perf-test [89]00000 /);
    assert.match(second!.body.error ?? '', new RegExp(`^${command} goes on, started from a page at \\S+ UTC`));
    const shown = async () => (await (await fetch(`${server.url}/history`)).json()) as { runs: { command: string }[] };
    assert.equal((await post('/stop')).status, 202);
    await until('the one that was started to end', async () => (await post('/stop')).status === 409, {
      timeoutMs: 60_000,
      intervalMs: 100,
    });
    assert.ok((await shown()).runs.length <= 1);
    const { status, body } = await post('/stop');
    assert.deepEqual([status, body.error], [409, 'no run goes on that was started from a page']);
  });

  it('tells the run where the room is, which may be one address alone', async (t) => {
    const room = await startControlRoom({ host: '127.0.0.2', port: 0 });
    t.after(room.close);
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const body = JSON.stringify({ command: 'perf-test', flags: { jobs: '10' } });
    assert.equal((await fetch(`${room.url}/start`, { ...init, body })).status, 200);
    const runs = async () =>
      ((await (await fetch(`${room.url}/history`)).json()) as { runs: { ended: boolean; completed: number }[] }).runs;
    const ended = await until('the run to be over', async () => (await runs()).find(({ ended }) => ended), {
      timeoutMs: 60_000,
      intervalMs: 50,
    });
    assert.equal(ended.completed, 10);
  });

  it('answers what can not be started in one sentence', async () => {
    const { status, body } = await post('/start', { command: 'clean' });
    assert.deepEqual([status, body.error], [400, 'expected a command of perf-test, tune']);
    assert.equal((await post('/start', { command: 'tune', flags: { slots: '1:0' } })).status, 400);
    assert.equal((await post('/start', { command: 'tune', flags: { window: '1s --save' } })).status, 400);
  });
});
