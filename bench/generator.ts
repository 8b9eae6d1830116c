// jobstorm's generator processes without the rest of it: they send an open run's jobs to an address, and say what they measured.

import { type LoadModel, makePlan, meanRateOf, type Via } from '@jobstorm/loadtest';
import { epochUs, Histogram, type HistogramData } from '@jobstorm/telemetry';
import type { Nest } from './nest.ts';
import { cpuUs } from './proc.ts';

export interface Generated {
  submit: Histogram;
  sendLag: Histogram;
  accepted: number;
  dropped: number;
  /** All processes together, for a job. */
  cpuUs: number;
}

interface Done {
  type: 'done';
  result: {
    totals: { accepted: number; dropped: number };
    submit: HistogramData;
    sendLag: HistogramData;
  };
}

export interface Generate {
  url: string;
  via: Via;
  load: LoadModel;
  jobs: number;
  processes: number;
}

/** Starts them, has them send, ends them. */
export async function generate(nest: Nest, { url, via, load, jobs, processes }: Generate): Promise<Generated> {
  const shape = { jobtype: 'add', serviceMs: 0, payloadBytes: 0, failShare: 0 };
  const plan = makePlan({ run: 'rbench', jobs, shape, queue: 'bench', via, ratePerS: meanRateOf(load), load });
  const parts = await Promise.all(Array.from({ length: processes }, () => nest.part('generator')));
  const nowhere = { host: '127.0.0.1', port: 1, password: null };
  await Promise.all(
    parts.map((part, index) => {
      const stripe = processes === 1 ? undefined : { index, of: processes, block: 50 };
      const open = part.said('open');
      part.tell({
        type: 'open',
        task: { plan, address: nowhere, apiUrl: url, bearer: null, perRequest: null, stripe },
      });
      return open;
    }),
  );
  const pids = parts.map(({ pid }) => pid);
  const before = cpuUs(pids);
  const startUs = epochUs() + 50_000;
  const results = await Promise.all(
    parts.map((part) => {
      const done = part.said<Done>('done');
      part.tell({ type: 'go', startUs });
      return done;
    }),
  );
  const sum = { submit: new Histogram(), sendLag: new Histogram(), accepted: 0, dropped: 0 };
  for (const { result } of results) {
    sum.submit.mergeData(result.submit);
    sum.sendLag.mergeData(result.sendLag);
    sum.accepted += result.totals.accepted;
    sum.dropped += result.totals.dropped;
  }
  return { ...sum, cpuUs: (cpuUs(pids) - before) / Math.max(1, sum.accepted) };
}
