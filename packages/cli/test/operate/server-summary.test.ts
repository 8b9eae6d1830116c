import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerPlan } from '../../src/operate/engine.ts';
import { dashboardLink, serverSummary, workerLine } from '../../src/operate/server-summary.ts';

const ports = { faktory: 7419, web: 7420, api: 3000, dashboard: 7460 };
const plan: ServerPlan = { embedded: false, open: false, password: 'p-w_d', token: 'tok', ports, env: {} };
const one = [{ address: '192.168.1.100', interfaceName: 'eth0' }];

test('addresses, the link with its token, the exact line for other machines, the next step', () => {
  const text = serverSummary(plan, one).join('\n');
  for (const expected of [
    'tcp://192.168.1.100:7419',
    'http://192.168.1.100:7420',
    'http://192.168.1.100:3000',
    'http://192.168.1.100:7460/#token=tok',
    'next, on this machine: just worker',
  ]) {
    assert.ok(text.includes(expected), `${expected} in\n${text}`);
  }
  assert.match(text, /^ {2}FAKTORY_SERVER_IP=192\.168\.1\.100 FAKTORY_PASSWORD=p-w_d just worker$/m);
  assert.doesNotMatch(text, /others/);
});

test('several addresses: how to choose', () => {
  const more = [...one, { address: '10.0.0.5', interfaceName: 'wlan0' }, { address: 'fd00::1', interfaceName: 'eth0' }];
  assert.match(
    serverSummary(plan, more).join('\n'),
    /192\.168\.1\.100 is this host's address on eth0.*10\.0\.0\.5 \(wlan0\);\n.*ping/,
  );
  const ipv6 = [...one, { address: 'fd00::1', interfaceName: 'eth0' }];
  assert.doesNotMatch(serverSummary(plan, ipv6).join('\n'), /fd00/);
});

test('open: no secret anywhere', () => {
  const text = serverSummary({ ...plan, open: true, password: null, token: null }, one).join('\n');
  assert.doesNotMatch(text, /token|PASSWORD|password/);
});

test('other ports are in the line, and a password is quoted for a shell', () => {
  assert.equal(
    workerLine('fd00::1', { ...ports, faktory: 8419, dashboard: 8460 }, "it's"),
    "FAKTORY_SERVER_IP=[fd00::1]:8419 FAKTORY_PASSWORD='it'\\''s' JOBSTORM_CONTROL=ws://[fd00::1]:8460 just worker",
  );
  assert.equal(workerLine('a', ports, null), 'FAKTORY_SERVER_IP=a just worker');
});

test('a token is encoded, and there is no # without one', () => {
  assert.equal(dashboardLink('http://a:1', 'a b&c'), 'http://a:1/#token=a%20b%26c');
  assert.equal(dashboardLink('http://a:1', null), 'http://a:1/');
});
