// The addresses of this host as other machines may reach it, the likeliest first. Pure, save for `hostAddresses`.

import { readFileSync } from 'node:fs';
import { hostname, type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export interface HostAddress {
  address: string;
  interfaceName: string;
}

/** Made by container engines and virtual machines: other hosts reach nothing through them. */
const inner = /^(docker|br-|veth|virbr|cni|flannel|cali|podman|lxc|lxdbr|vmnet|vboxnet|utun|awdl|llw)/;

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** IPv4 before IPv6, the interface with the default route before the others. */
export function outerAddresses(interfaces: Interfaces, defaultInterface: string | null): HostAddress[] {
  const found: (HostAddress & { rank: number })[] = [];
  for (const [interfaceName, infos] of Object.entries(interfaces)) {
    if (inner.test(interfaceName)) continue;
    for (const { address, family, internal } of infos ?? []) {
      // Link-local addresses mean nothing without the interface of whoever uses them.
      if (internal || /^(fe80:|169\.254\.)/i.test(address)) continue;
      const rank = (family === 'IPv4' ? 0 : 2) + (interfaceName === defaultInterface ? 0 : 1);
      found.push({ address, interfaceName, rank });
    }
  }
  return found
    .sort((a, b) => a.rank - b.rank)
    .map(({ address, interfaceName: name }) => ({ address, interfaceName: name }));
}

/** The interface of the default route in the text of Linux' /proc/net/route; null: none there. */
export function defaultRoute(text: string): string | null {
  for (const line of text.split('\n').slice(1)) {
    const [name, destination] = line.split('\t');
    if (name && destination === '00000000') return name;
  }
  return null;
}

/** Of this host, now; its name when it has no address but loopback. */
export function hostAddresses(): HostAddress[] {
  let routes = '';
  try {
    routes = readFileSync('/proc/net/route', 'utf8');
  } catch {
    // Not Linux: the order of the interfaces has to do.
  }
  const found = outerAddresses(networkInterfaces(), defaultRoute(routes));
  return found.length > 0 ? found : [{ address: hostname(), interfaceName: '' }];
}
