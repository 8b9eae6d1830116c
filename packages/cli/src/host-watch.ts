// What this host itself says during a run (Linux): how full its network is, how busy its disks are, and what a job server that
// somebody else started here uses and waits for.
// Invariant: it only reads files below /proc and /sys, and asks `tc` once; what can't be read is null, and nothing is guessed in its place.

import { readFileSync } from 'node:fs';
import type { Measured } from '@jobstorm/loadtest';
import { type DiskLooks, DiskWaits, waitShare } from './disk-waits.ts';
import { type NetReading, networkUse, readNetDev, readShapers } from './host-network.ts';
import { listenerAt, readServer, type ServerReading, type ServerUse, serverUse } from './host-server.ts';

/** What was used between two moments. */
export interface HostUse {
  network: NonNullable<Measured['network']> | null;
  /** Share of the time in which the busiest disk was busy; null: no disk is seen. */
  diskBusyShare: number | null;
  /** Share of the looks at the server that found it waiting for a disk; null: it is not seen, or too short to tell. */
  diskWaitShare: number | null;
  /** null: no job server among the processes of this host that may be looked at listens at that port. */
  server: ServerUse | null;
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

function readDisks(): Map<string, number> {
  try {
    return parseDiskStats(readFileSync('/proc/diskstats', 'utf8'));
  } catch {
    return new Map();
  }
}

/** Of one moment. */
export interface HostReading {
  atMs: number;
  net: NetReading;
  disks: Map<string, number>;
  server: ServerReading | null;
  diskLooks: DiskLooks;
}

function diskUse(from: HostReading, to: HostReading): number | null {
  const shares = [...to.disks].map(
    ([name, busyMs]) => (busyMs - (from.disks.get(name) ?? busyMs)) / (to.atMs - from.atMs),
  );
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares));
}

export class HostWatch {
  /** When it began to watch. */
  readonly first: HostReading;
  readonly #pid: number | null;
  readonly #waits: DiskWaits | null;
  #shapers: ReadonlyMap<string, number> = new Map();

  /** @param port where the job server listens; null: it is not on this host, or is the run's own */
  constructor(port: number | null) {
    this.#pid = port === null ? null : listenerAt(port);
    const server = this.#pid === null ? null : readServer(this.#pid);
    this.#waits = server && new DiskWaits([server.own.pid, ...(server.redis ? [server.redis.pid] : [])]);
    void readShapers().then((shapers) => {
      this.#shapers = shapers;
    });
    this.first = this.read();
  }

  read(): HostReading {
    return {
      atMs: performance.now(),
      net: readNetDev(),
      disks: readDisks(),
      server: this.#pid === null ? null : readServer(this.#pid),
      diskLooks: this.#waits?.sofar ?? { looks: 0, waiting: 0 },
    };
  }

  /** What was used since that reading. */
  since(from: HostReading, to = this.read()): HostUse {
    const seconds = Math.max(0.001, (to.atMs - from.atMs) / 1000);
    return {
      network: networkUse(from.net, to.net, seconds, this.#shapers),
      diskBusyShare: diskUse(from, to),
      diskWaitShare: waitShare(from.diskLooks, to.diskLooks),
      server: serverUse(from.server, to.server, seconds),
    };
  }

  stop(): void {
    this.#waits?.stop();
  }
}

/** What the verdict hears of the inside of the server; null: it is not seen. */
export function serverInside({ server, diskBusyShare, diskWaitShare }: HostUse): Measured['serverInside'] {
  if (!server) return null;
  const { redisCores, redisCapCores } = server;
  return { redisCores, redisCapCores, diskBusyShare, diskWaitShare };
}
