// The clock of the control room's host is set back, and forward, while everybody is connected: nobody is dropped, and news go on.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { Reporter } from '@jobstorm/telemetry';
import { until } from '@jobstorm/testkit';
import { WebSocket } from 'ws';
import type { LiveMessage } from '../src/live-sockets.ts';
import { startControlRoom } from '../src/server.ts';
import { helloOf, workerSnapshot } from './reports.ts';

const hourMs = 3_600_000;

async function connected(t: TestContext) {
  const server = await startControlRoom({ host: '127.0.0.1', port: 0 });
  t.after(server.close);
  const control = server.url.replace('http', 'ws');
  const reporter = new Reporter({
    url: control,
    hello: helloOf('w'),
    snapshot: () => workerSnapshot(),
    onSettings: () => ({ inForce: { slots: 7 }, refusal: null }),
  });
  t.after(() => reporter.close());
  const page = new WebSocket(`${control}/live`);
  t.after(() => page.terminate());
  const heard: LiveMessage[] = [];
  page.on('message', (data) => heard.push(JSON.parse(data.toString())));
  await once(page, 'open');
  await until('the worker to be there', async () => (await server.room.workers()).length === 1);
  return { server, reporter, page, heard };
}

for (const [way, jumpMs] of [
  ['back', -hourMs],
  ['forward', hourMs],
] as const) {
  test(`a clock that is set ${way} by an hour`, async (t) => {
    const { server, reporter, page, heard } = await connected(t);
    const before = await server.room.configure('w', { slots: 7 });
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + jumpMs });
    assert.deepEqual(await server.room.configure('w', { slots: 7 }), before, 'settings reach it as before');
    assert.equal((await server.room.workers())[0]?.live, true);
    await reporter.close();
    await until('news that it has gone', () => heard.at(-1)?.sections.workers !== undefined);
    const { length } = heard;
    const isSign = ({ sections, run }: LiveMessage) => Object.keys(sections).length === 0 && run === null;
    await until('a sign of life, as nothing is new now', () => heard.slice(length).some(isSign));
    assert.equal(page.readyState, WebSocket.OPEN);
  });
}
