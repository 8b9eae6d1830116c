import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PageState, startControlRoom } from '@jobstorm/dashboard';
import type { StreamLine } from '@jobstorm/loadtest';
import { until } from '@jobstorm/testkit';
import { FeedLink } from '../src/feed-link.ts';
import { watchLines } from '../src/watch-lines.ts';
import { startCli } from './run-cli.ts';

const plain = (text: string) => text;
const style = { bold: plain, dim: plain, yellow: plain, columns: 100 };
const part = { usedCores: 1.5, capCores: 2, throttledShare: 0.12 };
const lines = [
  { type: 'header', run: { id: 'r1', startedAt: '2026-11-27T20:00:00Z', command: 'jobstorm tune' } },
  {
    type: 'sample',
    atS: 0.5,
    lengthS: 0.5,
    counts: { completed: 14_000, failed: 0 },
    latencyUs: { p50: 11_000, p95: 38_000, p99: 52_000, max: 60_000 },
    queueDepth: 120,
    slots: null,
    parts: { workers: part, server: null, api: null, generator: null },
  },
  {
    type: 'trial',
    number: 1,
    of: 12,
    setting: { slots: 6000, cpus: 4, processes: 4, batchSize: 100, batchDelayMs: 100 },
    stage: 'ramp',
    why: '',
    state: 'measured',
    measured: { ratePerS: 28_140, usedCores: 4, p99Us: null, bottleneck: 'worker-cpu' },
    intervalPerS: null,
    note: '',
  },
  {
    type: 'verdict',
    bottleneck: 'worker-cpu',
    evidence: ['workers used 1.50 cores of 2'],
    advice: 'just worker 6000 8.0',
  },
];

describe('the dashboard in a terminal', () => {
  it('says how fast, what limits it and what is tried now, within the width', () => {
    const state = new PageState();
    state.take({
      type: 'live',
      number: 0,
      room: 'a',
      sentAtMs: 0,
      sections: {},
      run: { id: 'r1', from: 0, lines, ended: false },
    });
    const shown = watchLines(state, null, style);
    assert.match(shown[0]!, /^jobstorm tune {3}trial 1 of ~12 {3}running/);
    assert.match(
      shown[1]!,
      /^28,000\/s {3}p50 11\.0 ms {2}p95 38\.0 ms {2}p99 52\.0 ms .*best 28,140\/s @ 6,000 slots, 4 CPUs/,
    );
    assert.ok(shown.some((line) => /^workers {3}\[█{15} {5}\] 1\.50 of 2 cores, throttled 12% of periods$/.test(line)));
    assert.ok(shown.includes('→ just worker 6000 8.0'));
    for (const line of watchLines(state, null, { ...style, columns: 40 })) assert.ok(line.length <= 40, line);
    assert.match(watchLines(state, 'closed', style)[0]!, /^not heard: closed/);
  });

  it('hears a control room until ctrl-C', async () => {
    const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
    const feed = new FeedLink({ room: room.url, token: null, run: 'r1' });
    for (const line of lines) feed.tell(line as unknown as StreamLine);
    const watching = startCli(['watch', '--control', room.url.replace('http', 'ws')]);
    await until('the run to be shown', () => /best 28,140\/s/.test(watching.stdout()), { timeoutMs: 30_000 });
    watching.child.kill('SIGINT');
    const { code, stderr } = await watching.ended;
    assert.equal(code, 0, stderr);
    await feed.close();
    await room.close();
  });
});
