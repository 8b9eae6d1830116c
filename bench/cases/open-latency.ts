// Whether the latency that an open run measures is the truth: a stub holds each request for a time that it measures itself, and
// what the generator says of every percentile stands beside that. Held for 50 to 500 ms, evenly; one job a request. What may be missed
// has to have room for the way there and back, which the stub can't see: a byte and its answer between two processes that sleep in
// between take 0.2 to 0.3 ms on a virtual machine, and a cold HTTP client as much again.

import { type BenchCase, readingOf, type Side } from '../case.ts';
import { generate } from '../generator.ts';
import { Nest } from '../nest.ts';
import { startStubApi } from '../stub-api.ts';

const percentiles = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9];
const [leastMs, mostMs] = [50, 500];
/** What a percentile may be off by. */
const allowedUs = (trueUs: number) => 0.02 * trueUs + 50;

/** Spread evenly, in an order that repeats nothing: the fractions of multiples of the golden ratio. */
const delayMs = (nth: number) => leastMs + (mostMs - leastMs) * ((nth * 0.6180339887498949) % 1);

function measure(ratePerS: number, seconds: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const stub = await startStubApi(delayMs);
    nest.add(() => stub.close());
    const jobs = Math.round(ratePerS * seconds);
    const load = { kind: 'rate', ratePerS } as const;
    const { submit, sendLag } = await generate(nest, { url: stub.url, via: 'api', load, jobs, processes: 1 });
    const heldUs = stub.seen.map(({ heldMs }) => heldMs * 1000).sort((a, b) => a - b);
    const off = percentiles.map((p) => {
      const trueUs = heldUs[Math.min(heldUs.length, Math.ceil((p / 100) * heldUs.length)) - 1]!;
      const error = submit.percentile(p) - trueUs;
      return { error, share: Math.abs(error) / allowedUs(trueUs) };
    });
    return {
      worstShare: Math.max(...off.map(({ share }) => share)) * 100,
      p1: off[0]!.error,
      p50: off[4]!.error,
      p99: off[8]!.error,
      lagP50Us: sendLag.percentile(50),
      lagP99Us: sendLag.percentile(99),
    };
  });
}

const sides: [name: string, ratePerS: number][] = [
  ['90 jobs/s', 90],
  ['200 jobs/s', 200],
];

export const openLatency: BenchCase = {
  name: 'open-latency',
  about:
    'open runs to a stub whose delays are known: every percentile against the truth, which may be missed by 2% + 50 us',
  realFaktory: 'unused',
  columns: [
    { key: 'worstShare', title: 'worst percentile, % of what it may miss', digits: 0 },
    { key: 'p1', title: 'p1 off, us', digits: 0 },
    { key: 'p50', title: 'p50 off, us', digits: 0 },
    { key: 'p99', title: 'p99 off, us', digits: 0 },
    { key: 'lagP50Us', title: 'sent late p50, us', digits: 0 },
    { key: 'lagP99Us', title: 'sent late p99, us', digits: 0 },
  ],
  figures: sides.map(([name]) => ({
    what: `${name}: worst percentile, of what it may miss`,
    value: readingOf(name, 'worstShare'),
    digits: 0,
    unit: ' %',
    atMost: 100,
  })),
  async sides({ count }): Promise<Side[]> {
    const seconds = count(20, 4);
    return sides.map(([name, ratePerS]) => ({ name, run: () => measure(ratePerS, seconds) }));
  },
};
