// What the doctor says about this machine: Node, the build, CPUs, memory, open files, outgoing ports. Facts in, findings out.

import { bytes, whole } from '../../format.ts';
import { type Finding, fix, ok, warn } from './finding.ts';

/** What the worker would be started with. */
export interface WorkerWish {
  concurrency: number;
  cpus: number;
  /** Workers on this host. */
  replicas: number;
  /** WORKER_MEMORY; null: not limited. */
  memoryBytes: number | null;
  /** Connections to the job server that one worker takes at most. */
  connections: number;
}

export interface MachineFacts {
  node: string;
  cores: number;
  /** Of the control group that this runs in; null: no quota. */
  quotaCores: number | null;
  memoryBytes: number;
  /** What programs can still have. */
  freeBytes: number;
  /** Files and sockets that a process may hold; null: not known. */
  openFiles: number | null;
  /** Ports that outgoing connections get, first and last, and those left out of it; null: not known. */
  outgoing: { first: number; last: number; reserved: readonly number[] } | null;
  /** null: this is no checkout with sources. */
  build: { builtAtMs: number | null; newestSourceMs: number } | null;
}

const neededNode = [20, 19] as const;
const mostOutgoing = 10_000;
/** A process of the worker at work, and the one that looks after them. */
const processBytes = 100 * 1024 ** 2;
/** A slot with a job that waits. */
const slotBytes = 16 * 1024;
/** Sockets and files besides those to the job server: control room, logs, the program's own. */
const otherFiles = 256;
const comfortableFiles = 4096;

export function checkNode(node: string): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const good = major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1]);
  return good
    ? ok('node', `Node ${node}`)
    : fix('node', `Node ${node} is older than ${neededNode.join('.')}`, 'install a newer one (https://nodejs.org)');
}

export function checkBuild(build: MachineFacts['build']): Finding[] {
  if (build === null) return [];
  if (build.builtAtMs === null) return [fix('build', 'dist/ is missing', 'just build')];
  if (build.builtAtMs >= build.newestSourceMs) return [ok('build', 'dist/ is as new as its sources')];
  return [fix('build', 'dist/ is older than its sources', 'just build')];
}

/** Cores that a worker gets of those it was given. */
export function coresFor(wish: Pick<WorkerWish, 'cpus'>, { cores, quotaCores }: MachineFacts): number {
  return Math.min(wish.cpus, cores, quotaCores ?? cores);
}

export function checkCpus(wish: WorkerWish, machine: MachineFacts): Finding {
  const { cores, quotaCores } = machine;
  const gets = coresFor(wish, machine);
  const all = gets * wish.replicas;
  if (gets < wish.cpus) {
    const has = gets < cores ? `the control group that this runs in grants ${quotaCores}` : `this machine has ${cores}`;
    return warn(
      'cpus',
      `WORKER_CPUS is ${wish.cpus} and ${has}: ${gets} will be used`,
      `WORKER_CPUS=${gets}, or a larger machine`,
    );
  }
  if (all > cores) {
    return warn(
      'cpus',
      `${wish.replicas} workers of ${wish.cpus} CPUs want ${all} and this machine has ${cores}`,
      `REPLICAS=${Math.max(1, Math.floor(cores / wish.cpus))}`,
    );
  }
  return ok('cpus', `${wish.cpus} of ${cores} CPUs for the worker`);
}

/** What a worker takes at work, roughly. */
export function memoryFor(wish: Pick<WorkerWish, 'concurrency' | 'replicas'>, cores: number): number {
  return wish.replicas * ((Math.ceil(cores) + 1) * processBytes + wish.concurrency * slotBytes);
}

export function checkMemory(wish: WorkerWish, machine: MachineFacts): Finding {
  const each = memoryFor({ ...wish, replicas: 1 }, coresFor(wish, machine));
  const need = each * wish.replicas;
  const about = `${whole(wish.concurrency)} slots take about ${bytes(each)}`;
  if (wish.memoryBytes !== null && wish.memoryBytes < each) {
    const enough = Math.ceil(each / 1024 ** 2 / 256) * 256;
    return fix(
      'memory',
      `${about}, and WORKER_MEMORY is ${bytes(wish.memoryBytes)}`,
      `WORKER_MEMORY=${enough}M, or fewer slots`,
    );
  }
  const free = `${bytes(machine.freeBytes)} of ${bytes(machine.memoryBytes)} are free`;
  return need > machine.freeBytes
    ? warn('memory', `${about}, and ${free}`, 'fewer slots, or end what else runs here')
    : ok('memory', `${free}; ${about}`);
}

export function checkFiles(wish: WorkerWish, { openFiles }: MachineFacts): Finding[] {
  if (openFiles === null) return [];
  const need = otherFiles + wish.connections;
  const has = `a process may hold ${whole(openFiles)} files and sockets`;
  const remedy = `ulimit -n 65536 before, or LimitNOFILE= / nofile in /etc/security/limits.conf`;
  if (openFiles < need) return [fix('open-files', `${has}, and a worker takes up to ${need}`, remedy)];
  if (openFiles < comfortableFiles) {
    return [warn('open-files', `${has}: an api-service or server takes one for each client connection`, remedy)];
  }
  return [ok('open-files', has)];
}

/** @param ports those that a server's host publishes */
export function checkOutgoing({ outgoing }: MachineFacts, ports: readonly number[]): Finding[] {
  if (outgoing === null) return [];
  const { first, last, reserved } = outgoing;
  const size = last - first + 1;
  if (size < mostOutgoing) {
    return [
      warn(
        'port-range',
        `outgoing connections have ${whole(size)} ports (${first}-${last}): many short ones use them up`,
        'sysctl -w net.ipv4.ip_local_port_range="15000 65000"',
      ),
    ];
  }
  const inside = ports.filter((port) => port >= first && port <= last && !reserved.includes(port));
  if (inside.length > 0) {
    return [
      warn(
        'port-range',
        `an outgoing connection may get port ${inside.join(' or ')}, which a part then can't listen on`,
        `sysctl -w net.ipv4.ip_local_reserved_ports=${[...reserved, ...inside].join(',')}`,
      ),
    ];
  }
  return [ok('port-range', `outgoing connections have ${whole(size)} ports (${first}-${last})`)];
}
