import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ailment } from '../src/health-check.ts';

test('a URL is well when it answers 200', async (t) => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/health' ? 200 : 503;
    response.end('{}');
  });
  t.after(() => server.close());
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.equal(await ailment(`${url}/health`), null);
  assert.match((await ailment(`${url}/other`)) ?? '', /answered 503/);
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  assert.match((await ailment(`${url}/health`)) ?? '', /ECONNREFUSED/);
});

test('a file is well while it is touched', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-health-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'alive');
  assert.match((await ailment(path)) ?? '', /is not there/);
  writeFileSync(path, '');
  utimesSync(path, 1000, 1000);
  assert.equal(await ailment(path, 1_029_000), null);
  assert.match((await ailment(path, 1_060_000)) ?? '', /last touched 60 s ago/);
  assert.match((await ailment('')) ?? '', /not there/);
});
