// What an open run says of latency against a server whose delays are known, in a world whose clock only moves from event to event.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '@jobstorm/telemetry';
import { dice } from '../src/dice.ts';
import { type Distribution, quantileOf } from '../src/distribution.ts';
import { constantPacer } from '../src/pacer.ts';
import { type Sink, submit } from '../src/submit.ts';

const startUs = 1_000_000;

/** Runs events in the order of their times. `late(nowUs)` is how much longer the generator sleeps than it asked for. */
class World {
  nowUs = startUs;
  readonly #events: { atUs: number; run: () => void }[] = [];

  after(us: number): Promise<void> {
    return new Promise((run) => void this.#events.push({ atUs: this.nowUs + us, run }));
  }

  async until(over: Promise<unknown>): Promise<void> {
    let done = false;
    void over.then(() => {
      done = true;
    });
    for (;;) {
      await new Promise(setImmediate); // whatever the last event set off
      if (done) return;
      let next = 0;
      for (let i = 1; i < this.#events.length; i++) if (this.#events[i]!.atUs < this.#events[next]!.atUs) next = i;
      const [{ atUs, run } = assert.fail('nothing will happen any more')] = this.#events.splice(next, 1);
      this.nowUs = Math.max(this.nowUs, atUs);
      run();
    }
  }
}

interface Measured {
  latency: Histogram;
  sendLag: Histogram;
  /** By the world's own account: answer - due, of each job. */
  truthUs: number[];
}

async function measure(o: {
  jobs: number;
  perS: number;
  delay: Distribution;
  lateUs?: (nowUs: number) => number;
}): Promise<Measured> {
  const world = new World();
  const truthUs: number[] = [];
  const sink: Sink = {
    chunk: 1,
    inFlight: 100_000,
    async send(first) {
      await world.after(quantileOf(o.delay, dice(1, first, 'service')) * 1000);
      truthUs.push(world.nowUs - (startUs + (first / o.perS) * 1e6));
      return { accepted: 1, refused: new Map() };
    },
    close: async () => {},
  };
  const [latency, sendLag] = [new Histogram(), new Histogram()];
  const run = submit({
    jobs: o.jobs,
    sink,
    pacer: constantPacer(o.perS),
    clockUs: () => Math.round(world.nowUs),
    sleep: (ms) => world.after(ms * 1000 + (o.lateUs?.(world.nowUs) ?? 0)),
    signal: new AbortController().signal,
    latency,
    sendLag,
  });
  await world.until(run);
  return { latency, sendLag, truthUs: truthUs.sort((a, b) => a - b) };
}

const percentiles = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9];
const rank = (sorted: readonly number[], p: number) => sorted[Math.ceil((p / 100) * sorted.length - 1e-9) - 1]!;
const allowed = (us: number) => 0.02 * us + 50;

const delays: Distribution[] = [
  { kind: 'fixed', value: 5 },
  { kind: 'uniform', from: 1, to: 50 },
  { kind: 'exponential', mean: 8 },
  { kind: 'lognormal', median: 20, p95: 90 },
];

test('every percentile is the server’s own delay, within 2% + 50 us', async () => {
  for (const delay of delays) {
    const jobs = 2000;
    const { latency } = await measure({ jobs, perS: 1000, delay });
    const known = Array.from({ length: jobs }, (_, seq) => quantileOf(delay, dice(1, seq, 'service')) * 1000);
    known.sort((a, b) => a - b);
    for (const p of percentiles) {
      const [said, truth] = [latency.percentile(p), rank(known, p)];
      assert.ok(Math.abs(said - truth) <= allowed(truth), `${delay.kind} p${p}: ${said} us, in truth ${truth} us`);
    }
  }
});

test('a generator that comes late, or stands still for a while, is part of the latency and of nothing else', async () => {
  // Up to a millisecond late, as timers are, and once for 200 ms.
  const lateUs = (nowUs: number) => (nowUs > 1_500_000 && nowUs < 1_501_500 ? 200_000 : (nowUs * 7919) % 1000);
  const { latency, sendLag, truthUs } = await measure({ jobs: 2000, perS: 1000, delay: delays[1]!, lateUs });
  assert.ok(sendLag.max >= 190_000 && sendLag.percentile(50) <= 1100, `${sendLag.max} ${sendLag.percentile(50)}`);
  for (const p of percentiles) {
    const [said, truth] = [latency.percentile(p), rank(truthUs, p)];
    assert.ok(Math.abs(said - truth) <= allowed(truth), `p${p}: ${said} us, in truth ${truth} us`);
  }
  assert.ok(latency.percentile(99) > 150_000, 'who was due while it stood still waited, too');
});
