// One run of one peer: its broker, its producer and its worker as processes of their own, all ended when it is over.

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendants, freePort, until } from '@jobstorm/testkit';
import { Nest } from '../nest.ts';
import { end, launch } from '../part.ts';
import { cpuUs, rssBytes } from '../proc.ts';
import type { Peer, Program } from './peer.ts';
import { type Counts, countsIn, latenciesUs, sumOf } from './tally.ts';

const patienceMs = 60_000;
/** Of the open run: handled before it begins, so that no first import or connection is in it. */
const warmUpJobs = 200;

interface Broker {
  url: string;
  cpuUs(): number;
}

interface Bench {
  peer: Peer;
  broker: Broker;
  nest: Nest;
  /** Of the tally. */
  folder: string;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function startRedis(nest: Nest): Promise<Broker> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', nest.folder()];
  const child = launch({ command: 'redis-server', args, stdio: 'ignore', lastSignal: 'SIGKILL' });
  nest.add(() => end(child));
  await until('redis-server to answer', () => answers(port), { timeoutMs: 10_000, intervalMs: 20 });
  return { url: `redis://127.0.0.1:${port}`, cpuUs: () => cpuUs([child.pid!]) };
}

async function open(peer: Peer, nest: Nest): Promise<Bench> {
  const broker = peer.broker === 'redis' ? await startRedis(nest) : await nest.server(peer.broker);
  return { peer, broker, nest, folder: nest.folder() };
}

function startProgram({ folder }: Bench, { command, args, env }: Program) {
  const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
  const child = launch({ command, args, env: { ...env, TALLY_DIR: folder }, stdio, lastSignal: 'SIGKILL' });
  const said = { out: '', err: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    said.out = (said.out + text).slice(-4096);
  });
  child.stderr!.on('data', (text: string) => {
    said.err = (said.err + text).slice(-4096);
  });
  return { child, said };
}

/** Runs the producer to its end. @returns jobs a second by its own clock, without its start */
async function enqueue(bench: Bench, jobs: number, rate: number | null): Promise<number> {
  const { child, said } = startProgram(bench, bench.peer.enqueue(bench.broker.url, jobs, rate));
  const code = await new Promise((resolve) => child.once('close', resolve));
  const line = said.out.split('\n').find((text) => text.startsWith('{"enqueued"'));
  if (code !== 0 || !line)
    throw new Error(`${bench.peer.name}'s producer ended with ${code}: ${said.err.slice(-1000)}`);
  const { enqueued, seconds } = JSON.parse(line) as { enqueued: number; seconds: number };
  return enqueued / seconds;
}

function startWorker(bench: Bench, setting: string) {
  const { child, said } = startProgram(bench, bench.peer.worker(bench.broker.url, setting));
  bench.nest.add(() => end(child));
  return { pids: () => [child.pid!, ...descendants(child.pid)], child, said };
}

type WorkerProcess = ReturnType<typeof startWorker>;

/** Resolves at `total` jobs, with the first and the last look. */
async function follow(bench: Bench, worker: WorkerProcess, total: number) {
  const look = () => {
    const pids = worker.pids();
    const done = sumOf(countsIn(bench.folder));
    return { done, atMs: performance.now(), workerUs: cpuUs(pids), brokerUs: bench.broker.cpuUs(), pids };
  };
  let first = look();
  let last = first;
  let movedMs = last.atMs;
  while (last.done < total) {
    await sleep(15);
    const before = last.done;
    last = look();
    if (first.done === 0 && last.done > 0) first = last;
    if (last.done > before) movedMs = last.atMs;
    if (worker.child.exitCode !== null)
      throw new Error(`${bench.peer.name}'s worker ended: ${worker.said.err.slice(-1000)}`);
    if (last.atMs - movedMs > patienceMs)
      throw new Error(
        `${bench.peer.name}: no progress at ${last.done} of ${total} jobs: ${worker.said.err.slice(-1000)}`,
      );
  }
  return { first, last };
}

/** All jobs queued first, then one worker that empties the queue. */
export function drainPeer(peer: Peer, setting: string, jobs: number) {
  return Nest.with(async (nest) => {
    const bench = await open(peer, nest);
    const enqueuePerS = await enqueue(bench, jobs, null);
    const worker = startWorker(bench, setting);
    const { first, last } = await follow(bench, worker, jobs);
    const counted = last.done - first.done;
    if (counted <= 0) throw new Error(`${peer.name}: ${jobs} jobs were over at the first look: too few`);
    return {
      enqueuePerS,
      jobsPerS: (counted / (last.atMs - first.atMs)) * 1000,
      workerUs: (last.workerUs - first.workerUs) / counted,
      brokerUs: (last.brokerUs - first.brokerUs) / counted,
      workerMb: last.pids.reduce((sum, pid) => sum + rssBytes(pid), 0) / 1e6,
    };
  });
}

/** Jobs that come at a steady rate, and how long each took from when it was due to the end of its handler. */
export function pacePeer(peer: Peer, setting: string, jobs: number, rate: number) {
  return Nest.with(async (nest) => {
    const bench = await open(peer, nest);
    const worker = startWorker(bench, setting);
    await enqueue(bench, warmUpJobs, rate);
    await follow(bench, worker, warmUpJobs);
    const before: Counts = countsIn(bench.folder);
    const startUs = cpuUs(worker.pids());
    const startMs = performance.now();
    await enqueue(bench, jobs, rate);
    await follow(bench, worker, warmUpJobs + jobs);
    const workerPercent = (cpuUs(worker.pids()) - startUs) / (performance.now() - startMs) / 10;
    const sorted = latenciesUs(bench.folder, before);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]! / 1000;
    return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: sorted.at(-1)! / 1000, workerPercent };
  });
}
