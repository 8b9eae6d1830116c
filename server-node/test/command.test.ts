import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawConnection } from '@jobstorm/testkit';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function run(argv: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  child.stdout!.on('data', (chunk) => (output += chunk));
  child.stderr!.on('data', (chunk) => (output += chunk));
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = new Promise<{ port: number }>((resolve) => {
    child.on('message', (message: { type: string; port: number }) => message.type === 'ready' && resolve(message));
  });
  return { child, exit, ready, output: () => output };
}

test('it says where it serves, asks for its password, and ends by SIGTERM with 0', async () => {
  const { child, exit, ready, output } = run(['--listen', '127.0.0.1:0', '--memory'], { FAKTORY_PASSWORD: 'secret' });
  const { port } = await ready;
  const connection = await RawConnection.open({ port });
  assert.equal(await connection.greet({}, 'wrong'), '-ERR Invalid password');
  connection.destroy();
  const worker = await RawConnection.greeted({ port }, {}, 'secret');
  child.kill('SIGTERM');
  assert.equal(await worker.reply(), null);
  worker.destroy();
  assert.equal(await exit, 0);
  assert.match(output(), new RegExp(`serves tcp://127\\.0\\.0\\.1:${port} from memory`));
  assert.ok(!output().includes('secret'));
});

test('bad settings end it with 104, all of them named, before it listens', async () => {
  const { exit, output } = run(['--listen', 'nowhere', '--fsync', 'sometimes']);
  assert.equal(await exit, 104);
  assert.match(output(), /--fsync: got "sometimes", expected always, interval or never/);
  assert.match(output(), /--listen: got "nowhere", expected HOST:PORT/);
});

test('beyond loopback without a password it ends with 104', async () => {
  const { exit, output } = run(['--listen', '0.0.0.0:0'], { FAKTORY_PASSWORD: '' });
  assert.equal(await exit, 104);
  assert.match(output(), /set FAKTORY_PASSWORD/);
});
