// What the page says while the job server is away, and that a run outlives it: the real server, killed and started again from its journal.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startApi } from '@jobstorm/api-service';
import { parseServerUrl } from '@jobstorm/protocol';
import { freePort, until } from '@jobstorm/testkit';
import { PageTest, textOf } from './page-test.ts';

const program = fileURLToPath(new URL('../../../dist/server.js', import.meta.url));

/** Settles once it listens. */
async function jobServer(port: number, data: string): Promise<ChildProcess> {
  const args = [program, '--listen', `127.0.0.1:${port}`, '--web', 'off', '--data', data];
  const child = spawn(process.execPath, args, { cwd: tmpdir(), stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(child, 'message');
  return child;
}

describe('the page while the job server is away', () => {
  const test = new PageTest();

  it('says so, and shows a run that goes on once the server is back with its jobs', async (t) => {
    const data = mkdtempSync(join(tmpdir(), 'jobstorm-outage-'));
    t.after(() => rmSync(data, { recursive: true, force: true }));
    const port = await freePort();
    const url = `tcp://127.0.0.1:${port}`;
    let child = await jobServer(port, data);
    test.add(() => child.kill('SIGKILL'));
    const batch = { maxSize: 100, maxDelayMs: 20, auto: true, adaptive: true };
    const api = await startApi({ host: '127.0.0.1', port: 0, address: parseServerUrl(url), batch, queue: 'jobstorm' });
    test.add(() => api.close());
    const server = await test.room({ url, api: api.url });
    const { page, complaints } = await test.opened(server.url);
    page.setDefaultTimeout(60_000);
    await page.click('#start');
    await page.fill('#start-form [name="jobs"]', '60');
    await page.locator('#start-form [name="jobtype"]').selectOption('sleep');
    await page.fill('#start-form [name="service-time"]', '4s');
    await page.locator('#start-form button').click();
    await page.locator('#workers td:text-matches("^[1-9][0-9]* of ")').first().waitFor();
    child.kill('SIGKILL');
    const away = page.locator(`#banner:has-text("The job server ${url} does not answer")`);
    await away.waitFor();
    assert.equal(await page.locator('#app.stale').count(), 0, 'the room itself is there');
    assert.equal(await page.locator('#stage').textContent(), 'running');
    child = await jobServer(port, data);
    await away.waitFor({ state: 'hidden' });
    await page.locator('#stage:has-text("finished")').waitFor();
    assert.match(await textOf(page, '#strip'), /60completed/);
    assert.match(await textOf(page, '#strip'), /0lost/);
    await until('it to be on record', async () => (await page.locator('#runs tbody tr').count()) === 1);
    assert.deepEqual(complaints, []);
  });
});
