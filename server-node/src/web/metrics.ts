// GET /metrics: what INFO says, in Prometheus' text format. Read at the moment of asking; nothing is counted twice.

import { Counter, Gauge, Registry } from 'prom-client';
import type { Manager } from '../manager.ts';

const prefix = 'jobstorm_server_';
const states = ['running', 'quiet', 'terminate'] as const;

/** Adds a metric whose samples are made when it is asked for. */
type Sample = (value: number, labels?: Record<string, string>) => void;

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  collect: (set: Sample) => void,
): void {
  const metric: Gauge = new Gauge({
    name: prefix + name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      metric.reset();
      collect((value, labels) => (labels ? metric.set(labels, value) : metric.set(value)));
    },
  });
}

function counter(registry: Registry, name: string, help: string, read: () => number): void {
  const metric: Counter = new Counter({
    name: `${prefix}${name}_total`,
    help,
    registers: [registry],
    collect() {
      // The server has the count; FLUSH sets it back to 0, which Prometheus takes for a restart.
      metric.reset();
      metric.inc(read());
    },
  });
}

/** All metrics of a server; `metrics()` gives their text. */
export function makeRegistry(manager: Manager): Registry {
  const registry = new Registry();
  const { state, workers, traffic } = manager;
  gauge(registry, 'queue_jobs', 'Jobs waiting, by queue', ['queue'], (set) => {
    for (const { name, size } of state.queues.all()) set(size, { queue: name });
  });
  gauge(registry, 'queue_paused', '1 for a queue that is paused', ['queue'], (set) => {
    for (const { name, paused } of state.queues.all()) set(paused ? 1 : 0, { queue: name });
  });
  gauge(registry, 'queue_latency_seconds', "Age of each queue's oldest job", ['queue'], (set) => {
    const names = [...state.queues.all()].map(({ name }) => name);
    for (const [queue, age] of manager.latencies(names)) set(age, { queue });
  });
  gauge(registry, 'set_jobs', 'Jobs in a set: scheduled, retries, dead, working', ['set'], (set) => {
    for (const [name, size] of Object.entries(manager.info().faktory.sets)) set(size, { set: name });
  });
  gauge(registry, 'workers', 'Worker processes, by state', ['state'], (set) => {
    for (const each of states)
      set([...workers.all()].filter((worker) => worker.state === each).length, { state: each });
  });
  gauge(registry, 'connections', 'Connections past their handshake', [], (set) => set(traffic.connections));
  gauge(registry, 'waiting_fetches', 'FETCHes that wait for a job', [], (set) => set(manager.waits.size));
  gauge(registry, 'resident_memory_bytes', 'Memory of the process', [], (set) => set(process.memoryUsage.rss()));
  gauge(registry, 'uptime_seconds', 'Seconds since the start', [], (set) => set(manager.info().server.uptime));
  counter(registry, 'processed', 'Jobs that were acknowledged, failed or expired', () => state.processed);
  counter(registry, 'failures', 'Jobs that failed or expired', () => state.failures);
  counter(registry, 'commands', 'Commands run', () => traffic.commands);
  counter(registry, 'cpu_seconds', 'CPU time of the process', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  return registry;
}
