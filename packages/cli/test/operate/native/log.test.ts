import assert from 'node:assert/strict';
import { appendFileSync, closeSync, mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { until } from '@jobstorm/testkit';
import { printLogs } from '../../../src/operate/native/follow.ts';
import { LogReader, lastLines, logText, startLog } from '../../../src/operate/native/log.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-log-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'logs');
}

function begin(path: string, text: string): void {
  const file = startLog(path);
  writeSync(file, text);
  closeSync(file);
}

function collector() {
  let text = '';
  const output = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { output, text: () => text };
}

test('each start has a log of its own, and the one before is kept', (t) => {
  const path = join(folder(t), 'api.log');
  assert.equal(logText(path), '');
  for (const text of ['first\n', 'second\n', 'third\n\n']) begin(path, text);
  assert.deepEqual([logText(path), logText(`${path}.1`)], ['third\n\n', 'second\n']);
  appendFileSync(path, 'a\n    at f (file:///x.ts:1:2)\nb\n');
  assert.deepEqual(lastLines(path, 2), ['a', 'b']);
});

test('a reader gives whole lines once, and starts over with a new log', (t) => {
  const path = join(folder(t), 'api.log');
  const reader = new LogReader(path);
  assert.deepEqual(reader.lines(), []);
  begin(path, 'one\ntwo\nthr');
  assert.deepEqual(reader.lines(), ['one', 'two']);
  const euro = Buffer.from('ee €\n');
  appendFileSync(path, euro.subarray(0, 4));
  assert.deepEqual(reader.lines(), []);
  appendFileSync(path, euro.subarray(4));
  assert.deepEqual(reader.lines(), ['three €']);
  begin(path, 'new\n');
  assert.deepEqual(reader.lines(), ['new']);
  assert.deepEqual(reader.lines(), []);
});

test('several logs have their names before the lines, one has not', async (t) => {
  const dir = folder(t);
  const logs = ['api', 'server'].map((name) => ({ name, path: join(dir, `${name}.log`) }));
  for (const { name, path } of logs) begin(path, `I am ${name}\n`);
  const both = collector();
  assert.equal(await printLogs({ logs, follow: false, output: both.output }), 0);
  assert.equal(both.text(), 'api    | I am api\nserver | I am server\n');
  const one = collector();
  await printLogs({ logs: logs.slice(1), follow: false, output: one.output });
  assert.equal(one.text(), 'I am server\n');
});

test('followed until ctrl-C, and no longer than somebody reads', async (t) => {
  const path = join(folder(t), 'api.log');
  const logs = [{ name: 'api', path }];
  const ends = [() => process.emit('SIGINT'), (output: Writable) => output.destroy(new Error('EPIPE'))];
  for (const end of ends) {
    const { output, text } = collector();
    begin(path, 'before\n');
    const printed = printLogs({ logs, follow: true, output });
    await until('what is there', () => text() === 'before\n');
    appendFileSync(path, 'after\n');
    await until('what is added', () => text() === 'before\nafter\n');
    end(output);
    assert.equal(await printed, 0);
  }
});
