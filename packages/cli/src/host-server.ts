// A job server that somebody else started on this host (Linux), found by the port at which it listens: what it and its Redis used, and
// what their control groups grant them.
// Invariant: it only reads below /proc and /sys; what can't be read is null, and nothing is guessed in its place.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { PartMeasured, PartUsage } from '@jobstorm/loadtest';
import { Cgroup, type CgroupUsage } from '@jobstorm/telemetry';

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

/** The process that listens at that port; null: none of this host that may be looked at, or it is this one. */
export function listenerAt(port: number): number | null {
  const sockets = [read('/proc/net/tcp'), read('/proc/net/tcp6')].flatMap((text) => listeners(text, port));
  const pid = sockets.length === 0 ? null : holderOf(sockets);
  return pid === process.pid ? null : pid;
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

/** The control group of another process, seen with our mounts. */
function cgroupOf(pid: number): Cgroup {
  return new Cgroup((path) => read(path === '/proc/self/cgroup' ? `/proc/${pid}/cgroup` : path) || null);
}

const ownServer = /\b(dist\/server\.js|server-node\/src\/main\.ts|jobstorm(\.js)?\0server\0)/;

export interface ServerReading {
  own: Process;
  redis: Process | null;
  oneThread: boolean;
  /** Of a group that is not this command's too; null: none limits it. */
  group: CgroupUsage | null;
  /** Cores that its Redis may use at most: it is one thread, and a group of its own may grant it less. */
  redisCapCores: number;
}

/** Of a job server's process, and a Redis that it started; null: it is something else, as a tunnel or a proxy to one. */
export function readServer(pid: number): ServerReading | null {
  const own = parseStat(read(`/proc/${pid}/stat`));
  const oneThread = ownServer.test(read(`/proc/${pid}/cmdline`));
  if (!own || !(oneThread || own.name === 'faktory')) return null;
  // Each thread lists those that it started itself.
  const children = list(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean),
  );
  const all = children.map((child) => parseStat(read(`/proc/${child}/stat`)));
  const redis = all.find((child) => child?.name.startsWith('redis-server')) ?? null;
  const group = cgroupOf(pid);
  const path = group.cpuFolder?.folder;
  const redisGroup = redis && cgroupOf(redis.pid);
  const redisQuota = redisGroup && redisGroup.cpuFolder?.folder !== path ? redisGroup.quotaCores : null;
  const shared = path === new Cgroup().cpuFolder?.folder;
  return { own, oneThread, redis, group: shared ? null : group.usage(), redisCapCores: Math.min(1, redisQuota ?? 1) };
}

/** What it used between two readings. */
export interface ServerUse {
  usage: PartUsage;
  redisCores: number | null;
  redisCapCores: number | null;
  oneThread: boolean;
  /** Cores that its control group grants; null: no quota. */
  quotaCores: number | null;
  throttledShare: number | null;
}

/** Share of the scheduler's periods in which the group's quota held it back; null: it has none, or none went by. */
export function throttledBetween(
  from: CgroupUsage | null | undefined,
  to: CgroupUsage | null | undefined,
): number | null {
  if (from?.quotaCores == null || to?.quotaCores == null) return null;
  const periods = to.periods - from.periods;
  return periods > 0 ? (to.throttledPeriods - from.throttledPeriods) / periods : null;
}

/** null: it was not seen both times. */
export function serverUse(from: ServerReading | null, to: ServerReading | null, seconds: number): ServerUse | null {
  if (!from || !to) return null;
  const own = to.own.cpuUs - from.own.cpuUs;
  const redis = from.redis && to.redis ? to.redis.cpuUs - from.redis.cpuUs : null;
  const coreSeconds = (own + (redis ?? 0)) / 1e6;
  const rssBytes = to.own.rssBytes + (to.redis?.rssBytes ?? 0);
  return {
    usage: { coreSeconds, usedCores: coreSeconds / seconds, rssBytes },
    redisCores: redis === null ? null : redis / 1e6 / seconds,
    redisCapCores: redis === null ? null : to.redisCapCores,
    oneThread: to.oneThread,
    quotaCores: to.group?.quotaCores ?? null,
    throttledShare: throttledBetween(from.group, to.group),
  };
}

/** What is known of the server by that, where nothing else tells of it. */
export function serverSeen(seen: ServerUse | null, measured: PartMeasured): PartMeasured {
  if (measured.usage || !seen) return measured;
  const { usage, oneThread, quotaCores, throttledShare } = seen;
  const hostCores = availableParallelism();
  const capCores = Math.min(oneThread ? 1 : hostCores, quotaCores ?? hostCores);
  const why = quotaCores === null ? 'it has no CPU quota that could throttle it' : 'no period of the scheduler went by';
  return { usage, capCores, hostCores, oneThread, throttledShare, whyNotThrottled: why };
}
