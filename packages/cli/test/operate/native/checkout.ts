// A checkout folder for tests, with parts as plain processes on ports of its own.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Client } from '@jobstorm/protocol';
import { descendants } from '@jobstorm/testkit';
import type { ServerPlan, WorkerPlan } from '../../../src/operate/engine.ts';
import { NativeEngine, type NativeOptions } from '../../../src/operate/native/engine.ts';
import { type NativePart, PartRecords } from '../../../src/operate/native/records.ts';
import { quietPorts } from './quiet-ports.ts';

const settings = /^(FAKTORY_|WORKER_|BATCH_|JOBSTORM_|BIND_ADDR|NODE_TEST_CONTEXT)/;
export const plainEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.test(name)));

/** A checkout folder with an engine; whatever the test leaves running there is ended, and that is a mistake if it should not be. */
export async function checkout(t: TestContext, options: NativeOptions = {}) {
  const before = descendants();
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-native-'));
  const told: string[] = [];
  const engine = new NativeEngine(dir, (line) => told.push(line), { host: '127.0.0.1', ...options });
  const first = await quietPorts(4);
  const ports = { faktory: first, web: first + 1, api: first + 2, dashboard: first + 3 };
  t.after(async () => {
    await engine.clean();
    rmSync(dir, { recursive: true, force: true });
    assert.deepEqual(descendants(), before, 'processes are left');
  });
  const serverPlan: ServerPlan = {
    embedded: false,
    open: false,
    password: 'sesame',
    token: 'open-up',
    ports,
    env: plainEnv,
  };
  const workerPlan: WorkerPlan = {
    host: '127.0.0.1',
    port: ports.faktory,
    password: 'sesame',
    token: 'open-up',
    concurrency: 10,
    cpus: 1,
    rolling: false,
    control: `ws://127.0.0.1:${ports.dashboard}`,
    env: plainEnv,
  };
  const records = new PartRecords(join(dir, '.jobstorm', 'parts'));
  const pidOf = (part: NativePart) => records.read(part)?.pid;
  return { before, dir, engine, told, ports, serverPlan, workerPlan, pidOf };
}

export const connect = (port: number) =>
  Client.connect({ address: { host: '127.0.0.1', port, password: 'sesame' }, connectTimeoutMs: 2000 });
