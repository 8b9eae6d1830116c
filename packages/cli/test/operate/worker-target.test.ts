import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingsError } from '@jobstorm/program';
import type { CurrentCluster } from '../../src/current.ts';
import { findTarget } from '../../src/operate/worker-target.ts';

const none = { url: null, password: null, control: null };
const own = new Set(['192.168.1.100', 'bench']);
const current: CurrentCluster = {
  url: 'tcp://127.0.0.1:8419',
  api: 'http://127.0.0.1:3001',
  control: 'http://127.0.0.1:7461',
  startedAt: '2026-01-01T00:00:00Z',
  by: 'server',
  engine: 'docker',
};

test('without a server the message shows how to find one', () => {
  for (const noted of [null, { ...current, by: 'worker' } as const]) {
    assert.throws(
      () => findTarget(none, noted, own),
      (error) =>
        error instanceof SettingsError &&
        /FAKTORY_SERVER_IP is not set/.test(error.message) &&
        /just server[\s\S]*hostname -I/.test(error.message),
    );
  }
});

test('the cluster that this checkout started, with its own ports', () => {
  assert.deepEqual(findTarget({ ...none, password: 'p' }, current, own), {
    address: { host: '127.0.0.1', port: 8419, password: 'p' },
    ours: true,
    control: 'ws://127.0.0.1:7461',
    api: 'http://127.0.0.1:3001',
  });
});

test('that same cluster by another of its addresses', () => {
  for (const host of ['localhost', '192.168.1.100', 'bench']) {
    const target = findTarget({ ...none, url: `tcp://${host}:8419` }, current, own);
    assert.deepEqual([target.ours, target.address.host, target.control], [true, host, 'ws://127.0.0.1:7461']);
  }
});

test('a server elsewhere, or another one here, is not ours', () => {
  const away = findTarget({ ...none, url: 'tcp://:secret@10.0.0.7:7419', password: 'p' }, current, own);
  assert.deepEqual(away, {
    address: { host: '10.0.0.7', port: 7419, password: 'secret' },
    ours: false,
    control: 'ws://10.0.0.7:7460',
    api: 'http://10.0.0.7:3000',
  });
  assert.equal(findTarget({ ...none, url: 'tcp://127.0.0.1:7419' }, current, own).ours, false);
  assert.equal(findTarget({ ...none, url: 'tcp://[fd00::2]' }, null, own).control, 'ws://[fd00::2]:7460');
  assert.equal(findTarget({ ...none, url: 'tcp://a', control: 'ws://b:1' }, null, own).control, 'ws://b:1');
});
