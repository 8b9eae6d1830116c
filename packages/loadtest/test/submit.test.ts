import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from '@jobstorm/telemetry';
import { BacklogGate } from '../src/gate.ts';
import type { DueOf } from '../src/job-text.ts';
import { closedPacer, constantPacer, type Pacer } from '../src/pacer.ts';
import { type SendOutcome, type Sink, type SubmitOptions, submit } from '../src/submit.ts';

interface Call {
  first: number;
  end: number;
  due: number[];
}

/** A sink that answers as `answer` says, in a world whose clock only moves when somebody sleeps. */
function world(answer: (call: Call, nth: number) => SendOutcome | Promise<SendOutcome>, o: Partial<Sink> = {}) {
  const calls: Call[] = [];
  let nowUs = 1_000_000;
  let inFlight = 0;
  const seen = { mostInFlight: 0 };
  const sink: Sink = {
    chunk: 10,
    inFlight: 2,
    async send(first: number, end: number, dueOf: DueOf) {
      const due = [];
      for (let seq = first; seq < end; seq++) due.push(dueOf(seq));
      const call = { first, end, due };
      const nth = calls.push(call);
      seen.mostInFlight = Math.max(seen.mostInFlight, ++inFlight);
      await Promise.resolve();
      inFlight--;
      return answer(call, nth);
    },
    close: async () => {},
    ...o,
  };
  const latency = new Histogram();
  const stop = new AbortController();
  const sleeps: number[] = [];
  const run = (jobs: number, pacer: Pacer = closedPacer, more: Partial<SubmitOptions> = {}) =>
    submit({
      jobs,
      sink,
      pacer,
      clockUs: () => nowUs,
      sleep: async (ms) => {
        sleeps.push(ms);
        nowUs += ms * 1000;
      },
      signal: stop.signal,
      latency,
      ...more,
    });
  return { run, calls, latency, seen, stop, sleeps, advance: (us: number) => (nowUs += us) };
}

const all = ({ first, end }: Call): SendOutcome => ({ accepted: end - first, refused: new Map() });

test('every job is sent once, in chunks, no more in flight than the sink takes', async () => {
  const w = world(all);
  const totals = await w.run(35);
  const seqs = w.calls.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i));
  assert.deepEqual(
    seqs.sort((a, b) => a - b),
    Array.from({ length: 35 }, (_, i) => i),
  );
  assert.equal(w.seen.mostInFlight, 2);
  assert.deepEqual([totals.submitted, totals.accepted, totals.uncertain, w.latency.count], [35, 35, 0, 35]);
});

test('an open run sends each job at its planned time and measures from it', async () => {
  const w = world(
    (call) => {
      w.advance(7000);
      return all(call);
    },
    { inFlight: 1 },
  );
  await w.run(5, constantPacer(100));
  assert.deepEqual(
    w.calls.flatMap(({ due }) => due),
    [0, 1, 2, 3, 4].map((seq) => 1_000_000 + seq * 10_000),
  );
  assert.equal(w.latency.count, 5);
  assert.equal(w.latency.percentile(50), 7000);
});

test('jobs that come late are measured from when they were due', async () => {
  let slow = true;
  const w = world(
    (call) => {
      w.advance(slow ? 100_000 : 0);
      slow = false;
      return all(call);
    },
    { inFlight: 1 },
  );
  await w.run(11, constantPacer(100));
  assert.equal(w.latency.max, 100_000);
  assert.ok(w.latency.percentile(50) > 30_000, 'the jobs due during the stall waited too');
});

test('refused jobs are counted with their reason, the others stay accepted', async () => {
  const w = world(({ first, end }) => ({ accepted: end - first - 3, refused: new Map([['no such queue', 3]]) }));
  const totals = await w.run(20);
  assert.deepEqual([totals.accepted, [...totals.refused]], [14, [['no such queue', 6]]]);
  assert.equal(w.latency.count, 14);
});

test('"not now" sends the same jobs again after the delay, and measures the wait', async () => {
  const w = world((call, nth) => (nth === 1 ? { retryAfterMs: 250, reason: 'server away' } : all(call)), {
    inFlight: 1,
  });
  const totals = await w.run(10);
  assert.deepEqual(
    w.calls.map(({ first, end }) => [first, end]),
    [
      [0, 10],
      [0, 10],
    ],
  );
  assert.deepEqual([totals.submitted, totals.accepted, w.sleeps], [10, 10, [250]]);
  assert.ok(w.latency.max >= 250_000);
  assert.equal(totals.waitingFor, null);
});

test('jobs whose answer never came are uncertain and are not sent again', async () => {
  const w = world((call, nth) => {
    if (nth === 1) throw new Error('socket hang up');
    return all(call);
  });
  const totals = await w.run(20);
  assert.equal(w.calls.length, 2);
  assert.deepEqual([totals.accepted, totals.uncertain, totals.uncertainReason], [10, 10, 'socket hang up']);
});

test('after the signal nothing more is sent, and what is in flight is counted', async () => {
  const w = world((call) => {
    w.stop.abort();
    return all(call);
  });
  const totals = await w.run(1000);
  assert.equal(totals.submitted, totals.accepted);
  assert.ok(totals.submitted <= 20, `${totals.submitted} were sent`);
});

test('an open run drops what is long past its time, and says how many', async () => {
  const w = world(
    (call) => {
      w.advance(60_000_000);
      return all(call);
    },
    { inFlight: 1 },
  );
  const totals = await w.run(100, constantPacer(100));
  assert.equal(totals.submitted + totals.dropped, 100);
  assert.ok(totals.dropped > 0);
});

test('several generators send every job once between them, at the planned times', async () => {
  const due: number[] = [];
  for (const index of [0, 1, 2]) {
    const w = world(all);
    const sendLag = new Histogram();
    const stripe = { index, of: 3, block: 4 };
    const totals = await w.run(100, constantPacer(1000), { stripe, sendLag, startUs: 1_000_000 });
    assert.equal(totals.submitted, totals.accepted);
    assert.equal(sendLag.count, totals.submitted);
    assert.ok(w.calls.every(({ first, end }) => Math.floor(first / 4) === Math.floor((end - 1) / 4)));
    for (const call of w.calls)
      for (let seq = call.first; seq < call.end; seq++) due[seq] = call.due[seq - call.first]!;
  }
  assert.deepEqual(
    due,
    Array.from({ length: 100 }, (_, seq) => 1_000_000 + seq * 1000),
  );
});

test('how late jobs were sent is told apart from what their answers took', async () => {
  const w = world(
    (call) => {
      w.advance(30_000);
      return all(call);
    },
    { inFlight: 1 },
  );
  const sendLag = new Histogram();
  await w.run(2, constantPacer(100), { sendLag });
  assert.deepEqual([sendLag.max, w.latency.max], [20_000, 50_000]);
});

test('a gate that is shut holds jobs back until it opens, and one that is over ends the run', async () => {
  const gate = new BacklogGate({ jobs: 10, durationMs: 100 });
  const w = world((call, nth) => {
    if (nth <= 3) gate.observe(0, nth * 10);
    return all(call);
  });
  const totals = await w.run(1000, closedPacer, { gate });
  assert.deepEqual([totals.submitted, totals.dropped], [40, 0]);
});
