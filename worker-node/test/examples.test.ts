// The examples as people run them: by `--jobs FILE.ts`, with jobs of the kind that each header tells of.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Json } from '@jobstorm/protocol';
import { until } from '@jobstorm/testkit';
import type { Engine } from '../src/engine.ts';
import type { HandlerContext, Repertoire } from '../src/handlers.ts';
import { loadJobsFile } from '../src/jobs-file.ts';
import { built, spawnWorker } from './child-worker.ts';
import { onlyFailure, type Rig, withServer } from './worker-rig.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../examples/${name}.ts`, import.meta.url));

async function withExample(
  name: string,
  check: (rig: Rig, got: unknown[], worker: Engine) => Promise<void>,
): Promise<void> {
  const repertoire: Repertoire = { handlers: new Map(), middleware: [], timeoutsMs: new Map() };
  await loadJobsFile(pathOf(name), repertoire);
  const got: unknown[] = [];
  // What a handler gives is nobody's business but this test's.
  for (const [type, handler] of repertoire.handlers) {
    repertoire.handlers.set(type, async (...args: never[]) => {
      const value = await handler(...args);
      if (typeof value === 'function') return value as (context: HandlerContext) => unknown;
      got.push(value);
      return undefined;
    });
  }
  await withServer(async (rig) => {
    const worker = await rig.start({ ...repertoire });
    await check(rig, got, worker);
  });
}

/** Settles when jobs of those args are done; the last one fails when `fails`. */
async function run({ push, counts }: Rig, jobtype: string, args: Json[], fails = false): Promise<void> {
  const { processed, failures } = counts();
  await push(jobtype, args);
  await until('the job to be over', () => counts().processed === processed + 1);
  assert.equal(counts().failures - failures, fails ? 1 : 0);
}

test('http-call: the service hears of it once, with the key of the job; its refusal fails the job', async () => {
  const heard: { key: unknown; body: string }[] = [];
  let status = 200;
  const stub = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    heard.push({ key: request.headers['idempotency-key'], body });
    // No connection is kept, so that none is left when the test is over.
    response.writeHead(status, { connection: 'close' }).end('{}');
  });
  stub.listen(0, '127.0.0.1');
  await once(stub, 'listening');
  const url = `http://127.0.0.1:${(stub.address() as AddressInfo).port}/hook`;
  await withExample('http-call', async (rig, _got, worker) => {
    await run(rig, 'http.call', [url, { user: 7 }]);
    assert.equal(heard.length, 1);
    assert.equal(heard[0]!.body, '{"user":7}');
    assert.match(String(heard[0]!.key), /^job-/);
    status = 503;
    await run(rig, 'http.call', [url, {}], true);
    await worker.stop();
    assert.match((await onlyFailure(rig)).message, /answered 503$/);
    stub.closeAllConnections();
    await new Promise((resolve) => stub.close(resolve));
  });
});

test('as built and as the README has it: --jobs FILE.ts', async () => {
  await withServer(async ({ server, push, counts }) => {
    const worker = spawnWorker(['4', '1', '--url', server.url, '--jobs', pathOf('hashing')], {}, built);
    try {
      await worker.ready;
      await push('sha256', ['abc']);
      await until('the job to be over', () => counts().processed === 1);
      assert.equal(counts().failures, 0);
      worker.child.kill('SIGTERM');
      assert.equal(await worker.exit, 0);
    } finally {
      worker.kill();
      await worker.exit;
    }
  });
});

test('json-transform: an order becomes an invoice; what is wrong says which job it was', async () => {
  await withExample('json-transform', async (rig, got, worker) => {
    const lines = [
      { sku: 'a', quantity: 2, priceCents: 150 },
      { sku: 'b', quantity: 1, priceCents: 99 },
      { sku: 'a', quantity: 1, priceCents: 150 },
    ];
    await run(rig, 'invoice', [{ id: 'o-1', lines }]);
    assert.deepEqual(got, [{ order: 'o-1', items: { a: 3, b: 1 }, totalCents: 549 }]);
    await run(rig, 'invoice', [{ id: 'o-2', lines: [{ sku: 'a', quantity: -1, priceCents: 1 }] }], true);
    await worker.stop();
    assert.match((await onlyFailure(rig)).message, /^invoice job-\S+: order o-2 has -1 of a$/);
  });
});

test('hashing: the same password and salt give the same hash', async () => {
  await withExample('hashing', async (rig, got) => {
    for (const salt of ['one', 'one', 'two']) await run(rig, 'passwordHash', ['secret', salt]);
    assert.match(String(got[0]), /^[0-9a-f]{64}$/);
    assert.equal(got[1], got[0]);
    assert.notEqual(got[2], got[0]);
    await run(rig, 'sha256', ['abc']);
    assert.equal(got[3], createHash('sha256').update('abc').digest('hex'));
  });
});

test('image-payload: half a megabyte of pixels comes through whole and is made smaller', async () => {
  const [width, height] = [320, 300];
  const pixels = Buffer.alloc(width * height * 4, 200);
  await withExample('image-payload', async (rig, got, worker) => {
    await run(rig, 'thumbnail', [width, height, pixels.toString('base64')]);
    const small = got[0] as Buffer;
    assert.equal(small.length, pixels.length / 4);
    assert.ok(small.every((value) => value === 200));
    await run(rig, 'thumbnail', [width, height, 'AAAA'], true);
    await worker.stop();
    assert.match((await onlyFailure(rig)).message, /^got 3 bytes, expected 384000$/);
  });
});
