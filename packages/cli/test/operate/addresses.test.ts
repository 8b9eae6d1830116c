import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import { defaultRoute, hostAddresses, outerAddresses } from '../../src/operate/addresses.ts';

const at = (address: string, internal = false) =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;

test('addresses that others reach, the default route first, IPv4 before IPv6', () => {
  const interfaces = {
    lo: [at('127.0.0.1', true), at('::1', true)],
    docker0: [at('172.17.0.1')],
    'br-12ab': [at('172.18.0.1')],
    wlan0: [at('10.0.0.9')],
    eth0: [at('fe80::1'), at('fd00::2'), at('192.168.1.100')],
    eth1: [at('169.254.3.4')],
  };
  assert.deepEqual(
    outerAddresses(interfaces, 'eth0').map(({ address }) => address),
    ['192.168.1.100', '10.0.0.9', 'fd00::2'],
  );
  assert.deepEqual(outerAddresses(interfaces, null)[0], { address: '10.0.0.9', interfaceName: 'wlan0' });
});

test('the interface of the default route', () => {
  const head = 'Iface\tDestination\tGateway\n';
  assert.equal(defaultRoute(`${head}docker0\t000011AC\t0\neth1\t00000000\t0101A8C0\n`), 'eth1');
  assert.equal(defaultRoute(head), null);
  assert.equal(defaultRoute(''), null);
});

test('this host has at least a name', () => {
  assert.ok(hostAddresses()[0]!.address.length > 0);
});
