// What `up server` says once all is healthy: where everything is, the link, the line for other machines, the next step. Pure.

import { describeAddress } from '@jobstorm/protocol';
import type { HostAddress } from './addresses.ts';
import type { Ports, ServerPlan } from './engine.ts';

const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** The control room's page trades the token behind # for a cookie; a browser sends nothing behind # to anybody. */
export function dashboardLink(origin: string, token: string | null): string {
  return token === null ? `${origin}/` : `${origin}/#token=${encodeURIComponent(token)}`;
}

/** As a shell takes it. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `FAKTORY_SERVER_IP=192.168.1.100 FAKTORY_PASSWORD=… just worker` */
export function workerLine(address: string, ports: Ports, password: string | null): string {
  const host = bracketed(address);
  const words = [`FAKTORY_SERVER_IP=${ports.faktory === 7419 ? host : `${host}:${ports.faktory}`}`];
  if (password !== null) words.push(`FAKTORY_PASSWORD=${shellWord(password)}`);
  if (ports.dashboard !== 7460) words.push(`JOBSTORM_CONTROL=ws://${host}:${ports.dashboard}`);
  return [...words, 'just worker'].join(' ');
}

/** Of several addresses, how to choose; empty: there is no choice. */
function choice([first, ...others]: readonly HostAddress[]): string[] {
  // Whoever has an IPv4 address to choose needs no IPv6 one.
  const rest = others.filter(({ address }) => address.includes(':') === first!.address.includes(':'));
  if (rest.length === 0) return [];
  const list = rest.map(({ address, interfaceName }) => `${address} (${interfaceName})`).join(', ');
  return [
    `  ${first!.address} is this host's address on ${first!.interfaceName}. It has others: ${list};`,
    '  a worker machine takes the one in its own network, which `ping` reaches from there',
  ];
}

export function serverSummary(
  { ports, password, token, open }: ServerPlan,
  addresses: readonly HostAddress[],
): string[] {
  const host = addresses[0]!.address;
  const at = (port: number) => `http://${bracketed(host)}:${port}`;
  return [
    'the server side is up:',
    `  job server   ${describeAddress({ host, port: ports.faktory, password: null })}`,
    `  its page     ${at(ports.web)}${open ? '' : '   (any name, and the password in .env)'}`,
    `  api-service  ${at(ports.api)}`,
    `  dashboard    ${dashboardLink(at(ports.dashboard), token)}`,
    '',
    'on each worker machine:',
    `  ${workerLine(host, ports, password)}`,
    ...choice(addresses),
    '',
    'next, on this machine: just worker 2000 4.0, then just perf-test 10000',
  ];
}
