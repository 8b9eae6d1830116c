import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerUrl } from '@jobstorm/protocol';
import { FakeServer, until, watchLeaks } from '@jobstorm/testkit';
import type { Beat } from '../src/heartbeat.ts';
import { ProcessBeats } from '../src/process-beats.ts';

const beats: Beat[] = [
  { wid: 'process-1', rssBytes: 2048, state: 'running' },
  { wid: 'process-2', rssBytes: 4096, state: 'quiet' },
];

test('one connection of no worker beats for all processes, and passes on what the server wants', async () => {
  const leaks = watchLeaks();
  const fake = await FakeServer.start({
    script: (line) => {
      if (!line.startsWith('BEAT')) return undefined;
      return line.includes('process-1') ? '+OK\r\n' : '$21\r\n{"state":"terminate"}\r\n';
    },
  });
  const wanted: [string, string][] = [];
  const made = new ProcessBeats({
    address: parseServerUrl(fake.url),
    beats: () => beats,
    onState: (wid, state) => wanted.push([wid, state]),
    log: (message) => assert.fail(message),
    everyMs: 5,
  });
  made.start();
  await until('beats', () => wanted.length >= 2);
  await made.stop();
  assert.deepEqual(wanted[0], ['process-2', 'terminate']);
  assert.ok(wanted.every(([wid]) => wid === 'process-2'));
  assert.deepEqual(
    fake.linesLike(/^HELLO/).map((line) => line.includes('wid')),
    [false],
  );
  const [first, second] = fake.linesLike(/^BEAT/);
  assert.equal(first, 'BEAT {"wid":"process-1","rss_kb":2,"current_state":"running"}');
  assert.equal(second, 'BEAT {"wid":"process-2","rss_kb":4,"current_state":"quiet"}');
  await fake.close();
  await leaks.settle();
});

test('a wid that the server does not know is lived with, any other refusal is said once', async () => {
  let refusal = '-ERR unknown worker process-1\r\n';
  const logs: string[] = [];
  const fake = await FakeServer.start({ script: (line) => (line.startsWith('BEAT') ? refusal : undefined) });
  const made = new ProcessBeats({
    address: parseServerUrl(fake.url),
    beats: () => beats,
    onState: () => assert.fail(),
    log: (message) => logs.push(message),
    everyMs: 5,
  });
  made.start();
  await until('beats', () => fake.linesLike(/^BEAT/).length > 6);
  assert.deepEqual(logs, []);
  refusal = '-ERR not today\r\n';
  await until('it to be said', () => logs.length > 0);
  const before = fake.linesLike(/^BEAT/).length;
  await until('more beats', () => fake.linesLike(/^BEAT/).length > before + 4);
  assert.deepEqual(logs, ['BEAT failed: not today']);
  fake.dropConnections();
  await until('it to connect again', () => fake.linesLike(/^HELLO/).length === 2);
  await made.stop();
  await fake.close();
});

test('a server that answers nothing does not hold up the end', async () => {
  const leaks = watchLeaks();
  const fake = await FakeServer.start();
  const made = new ProcessBeats({
    address: parseServerUrl(fake.url),
    beats: () => beats,
    onState: () => assert.fail(),
    log: () => {},
    everyMs: 5,
  });
  made.start();
  await fake.waitForLine(/^BEAT/);
  await made.stop();
  await fake.close();
  await leaks.settle();
});
