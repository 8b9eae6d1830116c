// What this host itself says during a run (Linux): how full its network is, how busy its disks are, and what a job server that
// somebody else started here uses, its Redis told apart.
// Invariant: it only reads files below /proc and /sys; what can't be read is null, and nothing is guessed in its place.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Measured, PartMeasured, PartUsage } from '@jobstorm/loadtest';

/** What was used between the start and now. */
export interface HostUse {
  network: NonNullable<Measured['network']> | null;
  /** Share of the time in which the busiest disk was busy; null: no disk is seen. */
  diskBusyShare: number | null;
  /** null: no job server among the processes of this host that may be looked at listens at that port. */
  server: { usage: PartUsage; redisCores: number | null; oneThread: boolean } | null;
}

const usPerTick = 10_000;
const pageBytes = 4096;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Sockets that listen at that port, by the numbers of their inodes, in the text of /proc/net/tcp. */
export function listeners(text: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === '0A' && local?.endsWith(suffix) && inode ? [inode] : [];
  });
}

/** The process that holds one of these sockets; null: none that may be looked at. */
function holderOf(inodes: readonly string[]): number | null {
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of list(`/proc/${pid}/fd`)) {
      try {
        if (links.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) return Number(pid);
      } catch {
        // It was closed meanwhile.
      }
    }
  }
  return null;
}

interface Process {
  pid: number;
  name: string;
  parent: number;
  cpuUs: number;
  rssBytes: number;
}

/** From the text of /proc/PID/stat; null: it can't be read. */
export function parseStat(text: string): Process | null {
  const from = text.indexOf('(');
  const to = text.lastIndexOf(')');
  const fields = text.slice(to + 2).split(' ');
  if (from < 0 || fields.length < 22) return null;
  return {
    pid: Number(text.slice(0, from)),
    name: text.slice(from + 1, to),
    parent: Number(fields[1]),
    cpuUs: (Number(fields[11]) + Number(fields[12])) * usPerTick,
    rssBytes: Number(fields[21]) * pageBytes,
  };
}

const ownServer = /\b(dist\/server\.js|server-node\/src\/main\.ts|jobstorm(\.js)?\0server\0)/;

/** A job server's process, and a Redis that it started; null: it is something else, as a tunnel or a proxy to one. */
function serverProcesses(pid: number): { own: Process; redis: Process | null; oneThread: boolean } | null {
  const own = parseStat(read(`/proc/${pid}/stat`));
  const oneThread = ownServer.test(read(`/proc/${pid}/cmdline`));
  if (!own || !(oneThread || own.name === 'faktory')) return null;
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ');
  const all = children.map((child) => parseStat(read(`/proc/${child}/stat`)));
  return { own, oneThread, redis: all.find((child) => child?.name.startsWith('redis-server')) ?? null };
}

/** Bytes received and sent by interface, from the text of /proc/net/dev. */
export function parseNetDev(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, rest] = line.split(':');
    if (rest === undefined) continue;
    const fields = rest.trim().split(/\s+/).map(Number);
    // Each way has the whole link: the fuller one counts.
    found.set(name!.trim(), Math.max(fields[0] ?? 0, fields[8] ?? 0));
  }
  return found;
}

/** Milliseconds that whole disks were busy, from the text of /proc/diskstats. */
export function parseDiskStats(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const name = fields[2];
    if (name && /^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|nvme\d+n\d+)$/.test(name)) found.set(name, Number(fields[12]));
  }
  return found;
}

interface Reading {
  atMs: number;
  net: Map<string, number>;
  disks: Map<string, number>;
  server: ReturnType<typeof serverProcesses>;
}

function takeReading(pid: number | null): Reading {
  return {
    atMs: performance.now(),
    net: parseNetDev(read('/proc/net/dev')),
    disks: parseDiskStats(read('/proc/diskstats')),
    server: pid === null ? null : serverProcesses(pid),
  };
}

function networkUse(from: Reading, to: Reading, seconds: number): HostUse['network'] {
  const links = [...to.net].flatMap(([name, bytes]) => {
    const capMbit = Number(read(`/sys/class/net/${name}/speed`).trim() || '-1');
    const usedMbit = ((bytes - (from.net.get(name) ?? bytes)) * 8) / 1e6 / seconds;
    return capMbit > 0 ? [{ name, usedMbit, capMbit }] : [];
  });
  return links.sort((a, b) => b.usedMbit / b.capMbit - a.usedMbit / a.capMbit)[0] ?? null;
}

function diskUse(from: Reading, to: Reading): number | null {
  const shares = [...to.disks].map(
    ([name, busyMs]) => (busyMs - (from.disks.get(name) ?? busyMs)) / (to.atMs - from.atMs),
  );
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares));
}

function serverUse(from: Reading, to: Reading, seconds: number): HostUse['server'] {
  if (!from.server || !to.server) return null;
  const own = to.server.own.cpuUs - from.server.own.cpuUs;
  const redis = from.server.redis && to.server.redis ? to.server.redis.cpuUs - from.server.redis.cpuUs : null;
  const coreSeconds = (own + (redis ?? 0)) / 1e6;
  const rssBytes = to.server.own.rssBytes + (to.server.redis?.rssBytes ?? 0);
  return {
    usage: { coreSeconds, usedCores: coreSeconds / seconds, rssBytes },
    redisCores: redis === null ? null : redis / 1e6 / seconds,
    oneThread: to.server.oneThread,
  };
}

/** What is known of the server by that, where nothing else tells of it. */
export function serverSeen({ server }: HostUse, measured: PartMeasured): PartMeasured {
  if (measured.usage || !server) return measured;
  const { usage, oneThread } = server;
  const cores = availableParallelism();
  return { usage, capCores: oneThread ? 1 : cores, hostCores: cores, oneThread };
}

/**
 * Starts to watch; the answer is what was used since then.
 * @param port where the job server listens; null: it is not on this host, or is the run's own
 */
export function watchHost(port: number | null): () => HostUse {
  const sockets =
    port === null ? [] : [read('/proc/net/tcp'), read('/proc/net/tcp6')].flatMap((text) => listeners(text, port));
  const pid = sockets.length === 0 ? null : holderOf(sockets);
  const from = takeReading(pid === process.pid ? null : pid);
  return () => {
    const to = takeReading(from.server?.own.pid ?? null);
    const seconds = Math.max(0.001, (to.atMs - from.atMs) / 1000);
    return {
      network: networkUse(from, to, seconds),
      diskBusyShare: diskUse(from, to),
      server: serverUse(from, to, seconds),
    };
  };
}
