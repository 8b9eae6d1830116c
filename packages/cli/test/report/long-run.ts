// An hour of a run as it would be recorded: 7,200 readings, a busy generator, a worker that goes and comes back, some failures.

import { readFileSync } from 'node:fs';
import { type RunResult, Timeline, type TimelineParts } from '@jobstorm/loadtest';
import { Histogram } from '@jobstorm/telemetry';

const perHalfSecond = 2000;

/** Deterministic noise from 0 to 1. */
function noise(at: number): number {
  const x = Math.sin(at * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

const part = (usedCores: number, capCores: number) => ({
  usedCores,
  capCores,
  throttledShare: null,
  rssBytes: 1e8,
  handles: 40,
});

export function anHour(): Timeline {
  const timeline = new Timeline();
  const latency = new Histogram();
  let completed = 0;
  let failed = 0;
  for (let at = 1; at <= 7200; at++) {
    const away = at > 3000 && at < 3400;
    const jobs = Math.round(perHalfSecond * (away ? 0.5 : 1) * (0.9 + 0.2 * noise(at)));
    completed += jobs;
    if (noise(at + 0.5) > 0.98) failed += 300;
    for (let job = 0; job < 50; job++) latency.record(Math.exp(8 + 2 * noise(at * 50 + job)) * (away ? 20 : 1));
    const parts: TimelineParts = {
      generator: part(0.2 + 0.05 * noise(at), 1),
      api: part(0.4 + 0.1 * noise(at + 0.1), 1),
      server: part(0.6 + 0.2 * noise(at + 0.2), 1),
      workers: part((away ? 1.9 : 3.4) + 0.4 * noise(at + 0.3), 4),
    };
    const counts = { submitted: completed + (away ? (at - 3000) * 100 : 0), accepted: completed, refused: 0 };
    timeline.add({
      atS: at / 2,
      counts: { ...counts, uncertain: 0, completed, failed, retried: 0, duplicated: 0 },
      latency: Histogram.fromJSON(latency.toJSON()),
      queueDepth: away ? (at - 3000) * 500 : Math.round(20 * noise(at)),
      slots: { total: 2000, running: 1500 },
      parts,
    });
  }
  timeline.mark(1500, 'worker process 4711 on storm-1 went away');
  timeline.mark(1700, 'worker process 4712 on storm-1 came');
  return timeline;
}

/**
 * The result of a run on a machine with two cores, untouched. In this directory:
 * `node ../../../../bin/jobstorm perf-test --rate 2000 --duration 10s --threshold 'completePerS>1900,latency.p99<1ms' --json recorded-result.json`
 * The second threshold is there to fail.
 */
export function recordedResult(): RunResult {
  return JSON.parse(readFileSync(new URL('./recorded-result.json', import.meta.url), 'utf8')) as RunResult;
}
