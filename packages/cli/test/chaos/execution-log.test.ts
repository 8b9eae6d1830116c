import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ExecutionLog } from '../../src/chaos/execution-log.ts';

const jobs = fileURLToPath(new URL('../../src/chaos/chaos-jobs.ts', import.meta.url));

/** A process that runs jobs of these sequence numbers and then kills itself. */
function runAndDie(folder: string, seqs: readonly unknown[]): void {
  const program = `
    const { chaos } = await import(${JSON.stringify(jobs)});
    for (const seq of ${JSON.stringify(seqs)}) await chaos()({ job: { custom: { seq } } });
    process.kill(process.pid, 'SIGKILL');
  `;
  assert.throws(
    () =>
      execFileSync(process.execPath, ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', program], {
        env: { ...process.env, JOBSTORM_CHAOS_LOG: folder, JOBSTORM_CHAOS_MS: '0' },
      }),
    (error: { signal?: string }) => error.signal === 'SIGKILL',
  );
}

test('what a killed process ran is written down, once for each run, and odd numbers do no harm', () => {
  const log = new ExecutionLog();
  try {
    runAndDie(log.folder, [0, 1, 70_000]);
    runAndDie(log.folder, [1, 2, -1, 'x', null, 2.5e10]);
    const [first] = readdirSync(log.folder);
    appendFileSync(join(log.folder, first!), Buffer.from([9, 9])); // an entry that was cut off
    const ledger = log.read();
    assert.deepEqual([ledger.count, ledger.duplicated, ledger.unexpected], [4, 1, 0]);
    assert.deepEqual(ledger.missing(4), [{ from: 3, to: 3 }]);
  } finally {
    log.remove();
  }
  assert.equal(existsSync(log.folder), false);
});
