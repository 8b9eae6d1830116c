// Job queues that people use, each as its documentation tells them to run it, behind one shape: a broker, a program that
// enqueues and one that works. What is compared is the pair of client and worker on its broker, all on this machine.

import { fileURLToPath } from 'node:url';
import type { ServerKind } from '../nest.ts';
import { bullmqTools, needRedis, programs, pythonTools } from './install.ts';

export interface Program {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

export interface Peer {
  name: string;
  broker: 'redis' | ServerKind;
  /** Worker settings that are tried before the rounds; the fastest is measured. */
  settings: readonly string[];
  /** Brings what it runs on. @throws NotHere */
  install(): void;
  /** Sends `jobs` jobs, at `rate` a second or, when null, at once; prints `{enqueued, seconds}`. */
  enqueue(url: string, jobs: number, rate: number | null): Program;
  worker(url: string, setting: string): Program;
}

const countArgs = (jobs: number, rate: number | null) => [String(jobs), ...(rate === null ? [] : [String(rate)])];

function node(file: string, args: readonly string[], env: Record<string, string>): Program {
  return { command: process.execPath, args: [file, ...args], env };
}

function pythonEnv(url: string): Record<string, string> {
  return { REDIS_URL: `${url}/0`, PYTHONPATH: programs, PYTHONDONTWRITEBYTECODE: '1' };
}

const dist = (program: string) => fileURLToPath(new URL(`../../dist/${program}.js`, import.meta.url));

function onFaktory(name: string, broker: ServerKind, engine: string, settings: readonly string[]): Peer {
  return {
    name,
    broker,
    settings,
    install() {},
    enqueue: (url, jobs, rate) => node(`${programs}faktory-enqueue.mjs`, countArgs(jobs, rate), { FAKTORY_URL: url }),
    worker: (url, slots) =>
      node(dist('worker'), [slots, '1', '--url', url, '--engine', engine, '--jobs', `${programs}faktory-jobs.mjs`], {}),
  };
}

const bullmq: Peer = {
  name: 'BullMQ on Redis',
  broker: 'redis',
  settings: ['20', '50', '100', '200'],
  install() {
    needRedis();
    bullmqTools();
  },
  enqueue: (url, jobs, rate) => node(`${programs}bullmq/enqueue.mjs`, countArgs(jobs, rate), { REDIS_URL: url }),
  worker: (url, concurrency) => node(`${programs}bullmq/worker.mjs`, [concurrency], { REDIS_URL: url }),
};

function python(minor: number) {
  return {
    broker: 'redis' as const,
    install() {
      needRedis();
      pythonTools(minor);
    },
    program: (tool: string, args: readonly string[], env: Record<string, string>): Program => ({
      command: `${pythonTools(minor)}/${tool}`,
      args,
      env,
    }),
  };
}

const quietCelery = ['--without-gossip', '--without-mingle', '--without-heartbeat', '-l', 'ERROR'];

function celery(): Peer {
  const { program, ...rest } = python(9);
  return {
    ...rest,
    name: 'Celery on Redis',
    settings: ['-P prefork -c 2 --prefetch-multiplier 64', '-P prefork -c 10', '-P threads -c 10'],
    enqueue: (url, jobs, rate) =>
      program('python', [`${programs}celery_peer.py`, ...countArgs(jobs, rate)], pythonEnv(url)),
    worker: (url, setting) =>
      program('celery', ['-A', 'celery_peer', 'worker', ...setting.split(' '), ...quietCelery], pythonEnv(url)),
  };
}

function asyncmq(): Peer {
  const { program, ...rest } = python(9);
  return {
    ...rest,
    name: 'AsyncMQ on Redis',
    settings: ['10', '20', '50'],
    enqueue: (url, jobs, rate) =>
      program('python', [`${programs}asyncmq_peer.py`, ...countArgs(jobs, rate)], pythonEnv(url)),
    worker: (url, concurrency) =>
      program('asyncmq', ['worker', 'start', 'default', '--concurrency', concurrency], {
        ...pythonEnv(url),
        ASYNCMQ_SETTINGS_MODULE: 'asyncmq_peer.Settings',
      }),
  };
}

function asynctasq(): Peer {
  const { program, ...rest } = python(12);
  return {
    ...rest,
    name: 'AsyncTasQ on Redis',
    settings: ['10', '50', '100'],
    enqueue: (url, jobs, rate) =>
      program('python', [`${programs}asynctasq_peer.py`, ...countArgs(jobs, rate)], pythonEnv(url)),
    worker: (url, concurrency) =>
      program('asynctasq', ['worker', '--redis-url', `${url}/0`, '--concurrency', concurrency], pythonEnv(url)),
  };
}

export const peers: readonly Peer[] = [
  onFaktory('jobstorm on server-node', 'server-node', 'pipelined', ['2000']),
  onFaktory('jobstorm on server-node --data', 'server-node --data', 'pipelined', ['2000']),
  onFaktory('jobstorm on real Faktory', 'real Faktory', 'pipelined', ['2000']),
  onFaktory('faktory-worker on real Faktory', 'real Faktory', 'faktory-worker', ['10', '20', '50', '100']),
  bullmq,
  asynctasq(),
  asyncmq(),
  celery(),
];
