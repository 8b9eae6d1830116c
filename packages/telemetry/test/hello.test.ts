import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeHello } from '../src/hello.ts';

test('a process says who it is, and since when', () => {
  const own = { part: 'api', id: 'a', host: 'h', version: '1', capCores: null, group: 'g' } as const;
  const { pid, startedAtMs, ...rest } = makeHello(own);
  assert.deepEqual(rest, { type: 'hello', ...own });
  assert.equal(pid, process.pid);
  assert.ok(Number.isInteger(startedAtMs) && startedAtMs <= Date.now() && startedAtMs > Date.now() - 600_000);
});
