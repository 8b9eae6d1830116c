import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeServerOptions, freePort, until } from '@jobstorm/testkit';
import { Client, type ConnectionOptions, type Job, JobstormError, ProtocolError, ServerError } from '../src/index.ts';
import { at, echo, outcomes, Stage } from './stage.ts';

const job: Job = { jid: 'jid-00000001', jobtype: 'add', args: [1, 2], retry: 0 };

/** A client of a fake server that gives these answers: verb to reply. */
async function clientOf(
  stage: Stage,
  answers: Record<string, string>,
  options: Partial<ConnectionOptions> = {},
  more: FakeServerOptions = {},
) {
  const script = (line: string) => (line === 'END' ? { after: 'close' as const } : answers[line.split(' ')[0] ?? '']);
  const server = await stage.server({ script, ...more });
  const client = await Client.connect({ address: at(server), ...options });
  stage.onEnd(() => client.close());
  return { server, client, lines: () => server.received.map(({ line }) => line).slice(1) };
}

const body = (value: unknown) => {
  const text = JSON.stringify(value);
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
};

test('each method sends its command and reads its answer', async (t) => {
  const stage = new Stage(t);
  const { client, lines } = await clientOf(stage, {
    PUSH: '+OK\r\n',
    PUSHB: body({ 'jid-00000002': 'jobs must have a jobtype parameter' }),
    FETCH: body({ ...job, custom: { note: 'é' } }),
    ACK: '+OK\r\n',
    FAIL: '+OK\r\n',
    BEAT: body({ state: 'quiet' }),
    INFO: body({ faktory: { total_processed: 5 } }),
    FLUSH: '+OK\r\n',
    MUTATE: '+OK\r\n',
  });
  await client.push(job);
  const refused = await client.pushBulk([job, { ...job, jid: 'jid-00000002', jobtype: '' }]);
  assert.deepEqual(refused, { 'jid-00000002': 'jobs must have a jobtype parameter' });
  await client.pushBulkTexts(['{"a":1}', '{"b":"é"}']);
  assert.deepEqual(await client.fetch(['a', 'b']), { ...job, custom: { note: 'é' } });
  await client.ack('jid "1"\n');
  await client.fail('jid-1', { errtype: 'TypeError', message: 'x\ny', backtrace: ['one', 'two'] });
  assert.equal(await client.beat('wid-1', { rssKb: 5, currentState: 'quiet' }), 'quiet');
  await client.beat('wid-1');
  assert.equal((await client.info()).faktory.total_processed, 5);
  await client.flush();
  await client.mutate({ cmd: 'kill', target: 'retries', filter: { jobtype: 'two words' } });
  assert.deepEqual(lines(), [
    'PUSH {"jid":"jid-00000001","jobtype":"add","args":[1,2],"retry":0}',
    'PUSHB [{"jid":"jid-00000001","jobtype":"add","args":[1,2],"retry":0},{"jid":"jid-00000002","jobtype":"","args":[1,2],"retry":0}]',
    'PUSHB [{"a":1},{"b":"é"}]',
    'FETCH a b',
    'ACK {"jid":"jid \\"1\\"\\n"}',
    'FAIL {"jid":"jid-1","errtype":"TypeError","message":"x\\ny","backtrace":["one","two"]}',
    'BEAT {"wid":"wid-1","rss_kb":5,"current_state":"quiet"}',
    'BEAT {"wid":"wid-1"}',
    'INFO',
    'FLUSH',
    // Real Faktory takes one blank a line here.
    'MUTATE {"cmd":"kill","target":"retries","filter":{"jobtype":"two\\u0020words"}}',
  ]);
});

test('queue commands', async (t) => {
  const stage = new Stage(t);
  const script = (line: string) => {
    if (line === 'END') return { after: 'close' as const };
    if (line.startsWith('QUEUE LATENCY')) return body({ a: 1.5, b: 0 });
    return line.startsWith('QUEUE') ? '+OK\r\n' : undefined;
  };
  const { client, lines } = await clientOf(stage, {}, {}, { script });
  await client.pauseQueues(['a', 'b']);
  await client.resumeQueues(['*']);
  await client.removeQueues(['a']);
  assert.deepEqual(await client.queueLatency(['a', 'b']), { a: 1.5, b: 0 });
  assert.deepEqual(lines(), ['QUEUE PAUSE a b', 'QUEUE RESUME *', 'QUEUE REMOVE a', 'QUEUE LATENCY a b']);
});

test('beat: OK is running, and the states that the server wants', async (t) => {
  const stage = new Stage(t);
  const replies = ['+OK\r\n', body({ state: 'quiet' }), body({ state: 'terminate' }), '-ERR unknown worker w\r\n'];
  const script = (line: string) => (line.startsWith('BEAT') ? replies.shift() : echo(line));
  const { client } = await clientOf(stage, {}, {}, { script });
  assert.equal(await client.beat('w'), 'running');
  assert.equal(await client.beat('w'), 'quiet');
  assert.equal(await client.beat('w'), 'terminate');
  await assert.rejects(client.beat('w'), { name: 'ServerError', message: 'unknown worker w' });
});

test('no job within the time of a FETCH is null', async (t) => {
  const { client } = await clientOf(new Stage(t), { FETCH: '$-1\r\n' });
  assert.equal(await client.fetch(['a']), null);
});

test('a refusal is the server error, and the connection stays', async (t) => {
  const { client, server } = await clientOf(new Stage(t), {
    PUSH: '-ERR jobs must have an args parameter\r\n',
    INFO: body({}),
  });
  await assert.rejects(
    client.push(job),
    (error) => error instanceof ServerError && error.message === 'jobs must have an args parameter',
  );
  assert.deepEqual(await client.info(), {});
  assert.equal(server.sockets.length, 1);
});

test('an answer that does not fit its command is a ProtocolError', async (t) => {
  const wrong = {
    PUSH: body({}),
    PUSHB: '+OK\r\n',
    FETCH: body([]),
    ACK: '$-1\r\n',
    INFO: '$-1\r\n',
    BEAT: body(null),
  };
  const { client } = await clientOf(new Stage(t), { ...wrong, FAIL: '$0\r\n\r\n', FLUSH: '+NO\r\n', QUEUE: body(5) });
  const calls = [
    client.push(job),
    client.pushBulk([job]),
    client.pushBulkTexts(['{}']),
    client.fetch(['a']),
    client.ack('j'),
    client.info(),
    client.beat('w'),
    client.fail('j', { errtype: 'E', message: 'm' }),
    client.flush(),
    client.pauseQueues(['a']),
    client.queueLatency(['a']),
  ];
  for (const call of calls) await assert.rejects(call, ProtocolError);
});

test('what would be more than one command is refused before anything is sent', async (t) => {
  const { client, lines } = await clientOf(new Stage(t), { INFO: body({}) });
  const calls = [
    client.call('INFO\nFLUSH'),
    client.pushBulkTexts(['{\n"jid":"x"}']),
    client.fetch(['a\r\nFLUSH']),
    client.fetch(['a b']),
    client.fetch(['']),
    client.fetch([]),
    client.pauseQueues(['a\nFLUSH']),
    client.resumeQueues([]),
    client.removeQueues([' ']),
    client.queueLatency(['a\tb']),
  ];
  for (const call of calls)
    await assert.rejects(call, (error) => error instanceof JobstormError && /ELINE|EQUEUE/.test(error.code));
  await client.info();
  assert.deepEqual(lines(), ['INFO']);
});

test('jobs with anything in them go over the wire and back', async (t) => {
  const stage = new Stage(t);
  let pushed = '';
  const script = (line: string) => {
    if (line.startsWith('PUSH ')) pushed = line.slice('PUSH '.length);
    if (line.startsWith('PUSH ')) return '+OK\r\n';
    return line.startsWith('FETCH') ? `$${Buffer.byteLength(pushed)}\r\n${pushed}\r\n` : echo(line);
  };
  const { client } = await clientOf(stage, {}, {}, { script });
  let nested: Job['args'] = [];
  for (let i = 0; i < 1000; i++) nested = [nested];
  const args = [
    '\u0000\n\r\u2028',
    'é😀',
    '\ud800',
    JSON.parse('{"__proto__":{"x":1}}'),
    nested,
    'x'.repeat(1_000_000),
  ];
  await client.push({ ...job, args });
  assert.deepEqual((await client.fetch(['a']))?.args, args);
});

test('connect rejects when nobody listens, and leaves nothing', async (t) => {
  new Stage(t);
  const port = await freePort();
  assert.deepEqual(await outcomes([Client.connect({ address: at({ host: '127.0.0.1', port }) })]), ['ECONNREFUSED']);
});

test('calls made while away go out, in order, once it is back', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({
    script: (line, { connection }) => (connection === 0 ? { after: 'reset' } : echo(line)),
  });
  const downs: JobstormError[] = [];
  const client = Client.connectInBackground({ address: at(server) }, (error) => downs.push(error));
  stage.onEnd(() => client.close());
  assert.equal(client.connected, false);
  assert.equal(client.pending, 0);
  const calls = ['A', 'B', 'C'].map((line) => client.call(line));
  assert.deepEqual(await Promise.all(calls), ['A', 'B', 'C']);
  assert.equal(client.connected, true);
  assert.deepEqual(
    server.received.filter(({ connection }) => connection === 1).map(({ line }) => line),
    ['HELLO {"v":2}', 'A', 'B', 'C'],
  );
  assert.equal(downs.length, 1);
});

test('a deadline that passes while away rejects with why it is away, and the call is never sent', async (t) => {
  const stage = new Stage(t);
  const port = await freePort();
  const client = Client.connectInBackground({ address: at({ host: '127.0.0.1', port }) });
  stage.onEnd(() => client.close());
  assert.deepEqual(await outcomes([client.call('A', 100), client.call('B', 100)]), ['ECONNREFUSED', 'ECONNREFUSED']);
});

test('a deadline without end is one, not none', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({
    script: (line, { connection }) => (connection === 0 ? { after: 'reset' } : echo(line)),
  });
  const client = Client.connectInBackground({ address: at(server), deadlineMs: Number.POSITIVE_INFINITY });
  stage.onEnd(() => client.close());
  assert.equal(await client.call('A'), 'A');
});

test('calls pending when the connection is lost are rejected once and not sent again', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ script: (line, { connection }) => (connection === 0 ? undefined : echo(line)) });
  const client = await Client.connect({ address: at(server) });
  stage.onEnd(() => client.close());
  const calls = outcomes(['A', 'B'].map((line) => client.call(line)));
  await server.waitForLine(/^B$/);
  assert.equal(client.pending, 2);
  server.dropConnections();
  assert.deepEqual(await calls, ['ECONNRESET', 'ECONNRESET']);
  assert.equal(client.pending, 0);
  assert.equal(await client.call('C'), 'C');
  assert.deepEqual(
    server.received.map(({ line }) => line).filter((line) => /^[ABC]$/.test(line)),
    ['A', 'B', 'C'],
  );
});

test('a call sent while the server reads slowly waits, and is answered', async (t) => {
  const { client, server } = await clientOf(new Stage(t), { PUSHB: '$2\r\n{}\r\n', INFO: body({}) });
  server.sockets[0]?.pause();
  const text = `"${'x'.repeat(1_000_000)}"`;
  const calls = Array.from({ length: 30 }, () => client.pushBulkTexts([text]));
  const last = client.info();
  assert.ok(client.pending < 30, `${client.pending} were sent into a full socket`);
  server.sockets[0]?.resume();
  assert.deepEqual(new Set((await Promise.all(calls)).map((refused) => JSON.stringify(refused))), new Set(['{}']));
  assert.deepEqual(await last, {});
});

test('close lets pending calls end, rejects those that wait and all later ones', async (t) => {
  const { client } = await clientOf(new Stage(t), { INFO: body({}) });
  const pending = client.info();
  const closing = client.close();
  const late = outcomes([client.info()]);
  await closing;
  assert.deepEqual(await pending, {});
  assert.deepEqual(await late, ['ECLOSED']);
  assert.deepEqual(await outcomes([client.info()]), ['ECLOSED']);
  assert.equal(client.connected, false);
  await client.close();
});

test('close while away rejects the calls that wait, at once', async (t) => {
  const stage = new Stage(t);
  const server = await stage.server({ greeting: null });
  const client = Client.connectInBackground({ address: at(server), connectTimeoutMs: 600_000, deadlineMs: 600_000 });
  const waiting = outcomes([client.info(), client.push(job)]);
  await until('the connection', () => server.sockets.length === 1);
  await client.close();
  assert.deepEqual(await waiting, ['ECLOSED', 'ECLOSED']);
});
