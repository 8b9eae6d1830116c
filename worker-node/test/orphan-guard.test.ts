import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { descendants, isAlive, signalIfAlive, until, watchLeaks } from '@jobstorm/testkit';
import { OrphanGuard } from '../src/orphan-guard.ts';

const source = fileURLToPath(new URL('../src/orphan-guard.ts', import.meta.url));

test('a guard that is ended leaves no shell and kills nobody', async () => {
  const leaks = watchLeaks();
  const child = spawn('sleep', ['600']);
  const guard = new OrphanGuard();
  guard.watch([child.pid!]);
  guard.watch([child.pid!]);
  await guard.end();
  guard.watch([child.pid!]);
  assert.ok(isAlive(child.pid!));
  child.kill('SIGKILL');
  await leaks.settle();
});

test('when its process is killed, those watched last are killed, and only those', async () => {
  const text = `import { spawn } from 'node:child_process';
    import { OrphanGuard } from ${JSON.stringify(source)};
    const [one, two] = [0, 1].map(() => spawn('sleep', ['600'], { stdio: 'ignore' }));
    const guard = new OrphanGuard();
    guard.watch([one.pid, two.pid]);
    guard.watch([two.pid]);
    console.log(one.pid, two.pid);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', text], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  owner.stdout.setEncoding('utf8').on('data', (chunk) => {
    said += chunk;
  });
  const [one, two] = await until('the pids', () => /^(\d+) (\d+)\n/.exec(said)?.slice(1).map(Number), {
    timeoutMs: 20_000,
  });
  try {
    assert.ok(descendants(owner.pid).length >= 3, 'two and a shell');
    // What a terminal sends to the group does not end the guard.
    for (const pid of descendants(owner.pid)) if (pid !== one && pid !== two) signalIfAlive(pid, 'SIGINT');
    owner.kill('SIGKILL');
    await until('the one to be killed', () => !isAlive(two!), { timeoutMs: 10_000 });
    assert.ok(isAlive(one!));
  } finally {
    for (const pid of [one!, two!]) signalIfAlive(pid, 'SIGKILL');
    owner.kill('SIGKILL');
  }
});
