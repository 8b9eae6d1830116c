import assert from 'node:assert/strict';
import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { type TestContext, test } from 'node:test';
import { RawConnection, testCertificate, until } from '@jobstorm/testkit';
import { type ServerOptions, startServer } from '../src/server.ts';
import { FakeClock } from './fake-clock.ts';

const local = { host: '127.0.0.1', port: 0 };

/** A server with its web side, a connection, and what a browser would do with its pages. */
async function stage(t: TestContext, options: Partial<ServerOptions> = {}) {
  const server = await startServer({ ...local, web: local, ...options });
  const connection = await RawConnection.greeted(server, {}, options.password ?? '');
  t.after(async () => {
    connection.destroy();
    await server.close();
  });
  const headers = options.password
    ? { authorization: `Basic ${Buffer.from(`x:${options.password}`).toString('base64')}` }
    : {};
  const get = (path: string) => fetch(`${server.webUrl}${path}`, { headers });
  const page = async (path: string) => (await get(path)).text();
  const tokenOf = async (path: string) => /name="token" value="([^"]+)"/.exec(await page(path))?.[1] ?? '';
  /** Sends a form; `fields` as it stands there. */
  const post = (path: string, fields: [string, string][], more: Record<string, string> = {}) =>
    fetch(`${server.webUrl}${path}`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { ...headers, ...more },
      redirect: 'manual',
    });
  /** Presses a button of the page. */
  const press = async (path: string, action: string, fields: [string, string][]) => {
    const response = await post(path, [['token', await tokenOf(path)], ['action', action], ...fields]);
    assert.deepEqual([response.status, response.headers.get('location')], [303, `.${path}`]);
  };
  const push = async (jid: string, more: object = {}) =>
    assert.equal(
      await connection.call(`PUSH ${JSON.stringify({ jid, jobtype: 't', queue: 'q', args: [], ...more })}`),
      '+OK',
    );
  const sets = () => server.info().faktory.sets;
  return { server, connection, get, page, post, press, push, sets, tokenOf };
}

test('/stats is the INFO document, /health the short one', async (t) => {
  const { get } = await stage(t);
  const stats = await get('/stats');
  assert.equal(stats.headers.get('content-type'), 'application/json');
  assert.equal(stats.headers.get('cache-control'), 'no-cache');
  const document = (await stats.json()) as object;
  assert.deepEqual(Object.keys(document), ['now', 'server_utc_time', 'faktory', 'server']);
  const health = (await (await get('/health')).json()) as { server: object };
  assert.deepEqual(Object.keys(health), ['now', 'server']);
  assert.deepEqual(Object.keys(health.server).sort(), [
    'command_count',
    'connections',
    'description',
    'faktory_version',
  ]);
  assert.equal((await get('/nosuch')).status, 404);
});

test('what is no address of a page is told so', async (t) => {
  const { server } = await stage(t);
  const status = await new Promise((resolve, reject) => {
    plainRequest(server.webUrl!, { path: 'http://[' }, (reply) => resolve(reply.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 400);
});

test('with a password all but /health asks for it', async (t) => {
  const { server } = await stage(t, { password: 'se:cret' });
  const get = (path: string, credentials?: string) =>
    fetch(`${server.webUrl}${path}`, {
      headers: credentials ? { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } : {},
    });
  assert.equal((await get('/health')).status, 200);
  for (const path of ['/stats', '/metrics', '/', '/retries', '/style.css', '/nosuch']) {
    const asked = await get(path);
    assert.deepEqual([asked.status, asked.headers.get('www-authenticate')], [401, 'Basic realm="Faktory"'], path);
    assert.equal((await asked.text()).trim(), 'Authorization required');
  }
  const failed = await get('/stats', 'anyone:wrong');
  assert.deepEqual([failed.status, (await failed.text()).trim()], [401, 'Authorization failed']);
  assert.equal((await get('/stats', 'anyone:se:cret')).status, 200);
  const posted = await fetch(`${server.webUrl}/queues`, {
    method: 'POST',
    body: new URLSearchParams({ action: 'clear' }),
  });
  assert.equal(posted.status, 401);
});

test('every page is served with a strict policy and no script', async (t) => {
  const { get } = await stage(t);
  for (const path of ['/', '/queues', '/queue?name=q', '/busy', '/retries', '/scheduled', '/morgue']) {
    const response = await get(path);
    assert.equal(response.status, 200, path);
    assert.match(
      response.headers.get('content-security-policy')!,
      /^default-src 'none'; style-src 'self'; form-action 'self'/,
    );
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.ok(!/<script|style="| on\w+=/i.test(await response.text()), path);
  }
  assert.match((await get('/style.css')).headers.get('content-type')!, /^text\/css/);
});

const nasty = `<script>alert(1)</script><img src=x onerror="alert('2')">`;

test('text of jobs and workers is shown as text', async (t) => {
  const { server, connection, page, push } = await stage(t);
  const fields = { jobtype: nasty, args: [nasty, { [nasty]: 1 }], retry: 25 };
  await push(`${nasty}-dated`, { ...fields, at: '2100-01-01T00:00:00Z' });
  await push(`${nasty}-failed`, fields);
  await push(`${nasty}-dead`, { ...fields, retry: -1 });
  await push(`${nasty}-busy`, fields);
  await push(`${nasty}-waiting`, fields);
  for (const jid of ['failed', 'dead', 'busy'].map((name) => `${nasty}-${name}`)) {
    await connection.call('FETCH q');
    const failure = { jid, errtype: nasty, message: nasty, backtrace: [nasty] };
    if (!jid.endsWith('busy')) assert.equal(await connection.call(`FAIL ${JSON.stringify(failure)}`), '+OK');
  }
  const hello = { wid: `${nasty}-wid`, hostname: nasty, labels: [nasty] };
  const worker = await RawConnection.greeted(server, hello);
  const escaped = '&lt;script&gt;alert(1)';
  for (const path of ['/retries', '/morgue', '/scheduled', '/busy', '/queue?name=q']) {
    const shown = await page(path);
    assert.ok(shown.includes(escaped), path);
    assert.ok(!/<script|<img/.test(shown), path);
  }
  assert.ok(!(await page(`/queue?name=${encodeURIComponent(nasty)}`)).includes('<script'));
  worker.destroy();
});

test('queues are paused, resumed and cleared', async (t) => {
  const { server, connection, page, press, push } = await stage(t);
  await push('job-00001');
  await push('job-00002', { queue: 'other' });
  await press('/queues', 'pause', [['queue', 'q']]);
  assert.match(await page('/queues'), /paused/);
  assert.match((await connection.call('FETCH q other'))!, /job-00002/);
  await press('/queues', 'resume', [['queue', 'q']]);
  assert.match((await connection.call('FETCH q'))!, /job-00001/);
  await push('job-00003');
  await press('/queues', 'clear', [['queue', 'q']]);
  assert.deepEqual({ ...server.info().faktory.queues }, { other: 0 });
  await press('/queues', 'clear', [['queue', '*']]);
  assert.deepEqual({ ...server.info().faktory.queues }, { other: 0 });
});

test('a queue resumed or a job requeued by a button reaches who waits', async (t) => {
  const { server, connection, press, push } = await stage(t);
  await push('job-00001', { at: '2100-01-01T00:00:00Z' });
  connection.send('FETCH q\r\n');
  await until('the FETCH to wait', () => server.info().server.command_count === 2);
  await press('/scheduled', 'retry', [['jid', 'job-00001']]);
  assert.match((await connection.reply())!, /job-00001/);
});

test('jobs are retried, killed and deleted, one, some or all', async (t) => {
  const { connection, page, press, push, sets } = await stage(t);
  const jids = Array.from({ length: 6 }, (_, i) => `job-"ä"-${i}`);
  for (const jid of jids) {
    await push(jid, { retry: 25 });
    await connection.call('FETCH q');
    await connection.call(`FAIL ${JSON.stringify({ jid, message: 'told' })}`);
  }
  assert.match(await page('/retries'), /told/);
  await press('/retries', 'kill', [
    ['jid', jids[0]!],
    ['jid', jids[1]!],
  ]);
  assert.deepEqual([sets().retries, sets().dead], [4, 2]);
  await press('/retries', 'delete', [['jid', jids[2]!]]);
  await press('/retries', 'retry', [['jid', jids[3]!]]);
  await press('/retries', 'kill', []);
  assert.deepEqual([sets().retries, sets().dead], [2, 2]);
  assert.match((await connection.call('FETCH q'))!, /"retry_count":0/);
  await press('/morgue', 'retry', [['jid', jids[0]!]]);
  await press('/retries', 'kill-all', []);
  assert.deepEqual([sets().retries, sets().dead], [0, 3]);
  await press('/morgue', 'delete-all', []);
  assert.deepEqual([sets().retries, sets().dead], [0, 0]);
});

test('workers are quieted and terminated', async (t) => {
  const { server, page, press } = await stage(t);
  const workers: RawConnection[] = [];
  for (const wid of ['one', 'two', 'three'])
    workers.push(await RawConnection.greeted(server, { wid, hostname: `host-${wid}` }));
  assert.match(await page('/busy'), /host-two/);
  await press('/busy', 'quiet', [['wid', 'one']]);
  await press('/busy', 'terminate', [
    ['wid', 'two'],
    ['wid', 'gone'],
  ]);
  const beats = async () => {
    const told = [];
    for (const [i, wid] of ['one', 'two', 'three'].entries())
      told.push(await workers[i]!.call(`BEAT {"wid":"${wid}"}`));
    return told.map((reply) => reply?.split('\r\n').at(-1));
  };
  assert.deepEqual(await beats(), ['{"state":"quiet"}', '{"state":"terminate"}', '+OK']);
  await press('/busy', 'quiet', [['wid', '*']]);
  assert.deepEqual(await beats(), ['{"state":"quiet"}', '{"state":"terminate"}', '{"state":"quiet"}']);
  for (const worker of workers) worker.destroy();
});

test('posts from other sites change nothing, nor do forms that are none of ours', async (t) => {
  const { server, post, push, tokenOf } = await stage(t);
  await push('job-00001');
  const token = await tokenOf('/queues');
  const clear: [string, string][] = [
    ['token', token],
    ['action', 'clear'],
    ['queue', 'q'],
  ];
  const statusOf = async (fields: [string, string][], more?: Record<string, string>, path = '/queues') =>
    (await post(path, fields, more)).status;
  assert.equal(await statusOf(clear, { 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await statusOf(clear, { origin: 'http://evil.example' }), 403);
  assert.equal(await statusOf(clear.slice(1)), 403);
  assert.equal(await statusOf([['token', 'x'], ...clear.slice(1)]), 403);
  assert.equal(await statusOf(clear, { 'content-type': 'text/plain' }), 415);
  assert.equal(await statusOf([...clear, ['more', 'x'.repeat(300_000)]]), 413);
  for (const path of ['/', '/nosuch', '/retries', '/toString'])
    assert.equal(await statusOf(clear, {}, path), 400, path);
  assert.equal(
    await statusOf(
      [
        ['token', token],
        ['action', 'constructor'],
        ['jid', 'x'],
      ],
      {},
      '/retries',
    ),
    400,
  );
  assert.equal((await fetch(`${server.webUrl}/queues`, { method: 'DELETE' })).status, 405);
  assert.equal(server.info().faktory.queues.q, 1);
  assert.equal(await statusOf(clear, { 'sec-fetch-site': 'same-origin', origin: server.webUrl! }), 303);
  assert.equal(server.info().faktory.queues.q, undefined);
});

test('the first jobs of a big set are shown, in order, and what is too long or too deep is named', async (t) => {
  const { connection, page, push } = await stage(t, { clock: new FakeClock() });
  for (let i = 299; i >= 0; i--)
    await push(`job-${1000 + i}`, { at: new Date(Date.UTC(2100, 0, 1) + i * 1000).toISOString() });
  await push('job-long', { args: ['x'.repeat(100_000)], at: '2099-01-01T00:00:00Z' });
  // JSON.stringify can't write what is nested so deep.
  const deep = '['.repeat(9000) + ']'.repeat(9000);
  const dated = `"jid":"job-deep","jobtype":"t","queue":"q","at":"2099-01-01T00:00:01Z"`;
  assert.equal(await connection.call(`PUSH {${dated},"args":${deep}}`), '+OK');
  const shown = await page('/scheduled');
  assert.deepEqual(
    [...shown.matchAll(/value="(job-[^"]+)"/g)].map(([, jid]) => jid),
    ['job-long', 'job-deep', ...Array.from({ length: 98 }, (_, i) => `job-${1000 + i}`)],
  );
  assert.match(shown, /a job of 98 KiB, too long to be shown/);
  assert.match(shown, /The first 100 of 302/);
});

test('/metrics is Prometheus text', async (t) => {
  const { connection, get, push } = await stage(t);
  await push('job-00001');
  await push('job-00002', { queue: 'w.1' });
  await connection.call('FETCH q');
  await connection.call('ACK {"jid":"job-00001"}');
  const response = await get('/metrics');
  assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n');
  for (const line of [
    'jobstorm_server_queue_jobs{queue="q"} 0',
    'jobstorm_server_queue_jobs{queue="w.1"} 1',
    'jobstorm_server_queue_paused{queue="q"} 0',
    'jobstorm_server_set_jobs{set="working"} 0',
    'jobstorm_server_workers{state="running"} 0',
    'jobstorm_server_processed_total 1',
    'jobstorm_server_failures_total 0',
    'jobstorm_server_commands_total 4',
    'jobstorm_server_connections 1',
    'jobstorm_server_waiting_fetches 0',
  ]) {
    assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
  }
  assert.ok(lines.some((line) => /^jobstorm_server_resident_memory_bytes [1-9]\d+$/.test(line)));
});

test('with a certificate the web side is served by HTTPS', async (t) => {
  const server = await startServer({ ...local, web: local, tls: testCertificate });
  t.after(() => server.close());
  assert.match(server.webUrl!, /^https:/);
  const status = await new Promise((resolve, reject) => {
    request(`${server.webUrl}/health`, { ca: testCertificate.cert, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  assert.equal(status, 200);
});
