// A worker of somebody else's that has nothing to do, as a control room hears of it.

import { type Hello, makeHello, type WorkerSnapshot } from '@jobstorm/telemetry';

export const idleHello = (id: string, host: string): Hello =>
  makeHello({ part: 'worker', id, host, version: '1', capCores: 1, group: 'g' });

export const idleWorker = (): WorkerSnapshot => ({
  type: 'worker',
  sentAtUs: 1,
  state: 'running',
  connected: true,
  slots: { total: 10, running: 0 },
  connections: 1,
  totals: { fetched: 0, completed: 0, failed: 0 },
  usage: { cpuUs: 1, rssBytes: 1, loopDelayP99Us: null },
  runs: [],
});
