import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive, signalIfAlive, until } from '@jobstorm/testkit';
import type { PartMessage } from '../src/index.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

class Part {
  readonly child: ChildProcess;
  readonly messages: PartMessage[] = [];
  stdout = '';
  stderr = '';
  readonly #ended: Promise<unknown>;

  constructor(t: TestContext, args: string[], { ipc = false, file = 'part.ts' } = {}) {
    const stdio = ipc ? (['ignore', 'pipe', 'pipe', 'ipc'] as const) : (['ignore', 'pipe', 'pipe'] as const);
    this.child = spawn(process.execPath, ['--import', 'tsx', fixture(file), ...args], { stdio: [...stdio] });
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
    });
    this.child.on('message', (message) => this.messages.push(message as PartMessage));
    // Not 'close': it does not come when this side closed the channel first.
    this.#ended = Promise.all([this.child.stdout, this.child.stderr].map((stream) => once(stream!, 'end'))).then(() =>
      hasEnded(this.child) ? null : once(this.child, 'exit'),
    );
    t.after(() => this.child.kill('SIGKILL'));
  }

  async says(pattern: RegExp): Promise<void> {
    const found = () => pattern.test(this.stdout + this.stderr) || hasEnded(this.child);
    await until(`${pattern} from the part`, found, { timeoutMs: 30_000 });
    assert.match(this.stdout + this.stderr, pattern);
  }

  /** Exit code or signal. */
  async end(): Promise<unknown> {
    await this.#ended;
    return this.child.exitCode ?? this.child.signalCode;
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} stops a part of its own in good order`, async (t) => {
    const part = new Part(t, ['--token', 'hunter2']);
    await part.says(/^up$/m);
    part.child.kill(signal);
    assert.equal(await part.end(), 0);
    assert.equal(part.stderr, 'stopping\nstopped\n');
    assert.equal(part.stdout, 'jobstorm part: starts=well stops=well ends=never token=***\nup\n');
  });
}

test('a second signal ends it at once with 105', async (t) => {
  const part = new Part(t, ['--stops', 'never']);
  await part.says(/^up$/m);
  part.child.kill('SIGINT');
  await part.says(/stopping/);
  part.child.kill('SIGTERM');
  assert.equal(await part.end(), 105);
});

test('a second signal also ends one that does not come up', async (t) => {
  const part = new Part(t, ['--starts', 'never']);
  await part.says(/starting/);
  part.child.kill('SIGINT');
  // Two of the same kind could reach it as one.
  part.child.kill('SIGTERM');
  assert.equal(await part.end(), 105);
});

test('-h prints the page and does nothing else', async (t) => {
  const part = new Part(t, ['-h', '--nosuch']);
  assert.equal(await part.end(), 0);
  assert.match(part.stdout, /^usage: jobstorm part\n/);
  assert.equal(part.stderr, '');
});

test('bad settings end it with 104 and all mistakes, without the secret', async (t) => {
  const part = new Part(t, ['--token', 'abc', '--nosuch', 'x'], { ipc: true });
  assert.equal(await part.end(), 104);
  assert.equal(
    part.stderr,
    'jobstorm part: unknown flag --nosuch; -h lists the flags\n' +
      'jobstorm part: --token: got a value that is not a text of 4 characters\n',
  );
  assert.equal(part.messages.length, 1);
  assert.deepEqual(part.messages[0]?.type === 'failed' && part.messages[0].code, 'ESETTINGS');
});

test('a failed start is told to people and to the parent', async (t) => {
  const part = new Part(t, ['--starts', 'badly'], { ipc: true });
  assert.equal(await part.end(), 1);
  assert.equal(part.stderr, 'jobstorm part: the port is taken\n');
  assert.deepEqual(part.messages, [{ type: 'failed', code: 'EADDRINUSE', message: 'the port is taken' }]);
});

test('so is one that throws no error at all', async (t) => {
  const part = new Part(t, ['--starts', 'oddly'], { ipc: true });
  assert.equal(await part.end(), 1);
  assert.deepEqual(part.messages, [{ type: 'failed', code: 'EUNEXPECTED', message: 'null' }]);
});

test('a part that ends by itself ends with 0, with an error 1', async (t) => {
  const good = new Part(t, ['--ends', 'well'], { ipc: true });
  const bad = new Part(t, ['--ends', 'badly']);
  assert.equal(await good.end(), 0);
  assert.equal(await bad.end(), 1);
  assert.equal(good.stderr, '');
  assert.equal(bad.stderr, 'jobstorm part: it came to a bad end\n');
});

test('a stop that fails ends it with 1 and the reason', async (t) => {
  const part = new Part(t, ['--stops', 'badly']);
  await part.says(/^up$/m);
  part.child.kill('SIGTERM');
  assert.equal(await part.end(), 1);
  assert.equal(part.stderr, 'stopping\njobstorm part: it can not stop\n');
});

test('with a parent it reports ready, answers usage, leaves SIGINT to the parent and ends on SIGTERM', async (t) => {
  const part = new Part(t, [], { ipc: true });
  await until('ready', () => part.messages.length > 0, { timeoutMs: 30_000 });
  assert.deepEqual(part.messages[0], { type: 'ready', url: 'tcp://127.0.0.1:1' });
  part.child.kill('SIGINT');
  part.child.send({ type: 'usage' });
  await until('usage', () => part.messages.length > 1);
  assert.equal(part.messages[1]?.type, 'usage');
  assert.equal(part.stderr, '');
  part.child.kill('SIGTERM');
  assert.equal(await part.end(), 0);
  assert.equal(part.stderr, 'stopping\nstopped\n');
});

test('messages that mean nothing to it are passed over', async (t) => {
  const part = new Part(t, [], { ipc: true });
  await until('ready', () => part.messages.length > 0, { timeoutMs: 30_000 });
  for (const message of ['text', 5, { type: 'nosuch' }, { type: 'usage' }]) part.child.send(message);
  await until('usage', () => part.messages.length > 1);
  assert.equal(part.messages[1]?.type, 'usage');
  part.child.kill('SIGTERM');
  assert.equal(await part.end(), 0);
});

test('it stops when its parent closes the channel', async (t) => {
  const part = new Part(t, [], { ipc: true });
  await until('ready', () => part.messages.length > 0, { timeoutMs: 30_000 });
  part.child.disconnect();
  assert.equal(await part.end(), 0);
  assert.equal(part.stderr, 'stopping\nstopped\n');
});

test('it stops in good order when its parent was killed, although nobody reads its output any more', async (t) => {
  const parent = new Part(t, ['--stops', 'loudly'], { file: 'parent.ts' });
  await parent.says(/^\d+$/m);
  const pid = Number(parent.stdout);
  t.after(() => signalIfAlive(pid, 'SIGKILL'));
  parent.child.kill('SIGKILL');
  await until('the part to end', () => !isAlive(pid), { timeoutMs: 30_000 });
  await until('its last words', () => parent.stderr.includes('stopped'));
  assert.equal(parent.stderr, 'stopping\nstopped\n');
});
