import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JidSource } from '../src/jids.ts';

test('ids are unique over many blocks and at least 12 characters of a-z and 0-9', () => {
  const source = new JidSource();
  const ids = new Set<string>();
  for (let i = 0; i < 100_000; i++) ids.add(source.next());
  assert.equal(ids.size, 100_000);
  for (const id of ids) assert.match(id, /^[0-9a-z]{16,20}$/);
});

test('two sources share no id', () => {
  const [one, other] = [new JidSource(), new JidSource()];
  const ids = new Set(Array.from({ length: 2000 }, () => one.next()));
  for (let i = 0; i < 2000; i++) assert.ok(!ids.has(other.next()));
});
