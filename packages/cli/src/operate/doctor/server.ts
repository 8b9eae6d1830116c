// What the doctor says about the job server: whether it answers, how far away it is, how its clock goes, how many connections it
// still takes, and how many slots that makes. Facts in, findings out.

import { whole } from '../../format.ts';
import { type Finding, fix, ok, warn } from './finding.ts';
import type { WorkerWish } from './machine.ts';

/** One question and its answer, in ms of this machine's clock, and what the server's clock said meanwhile. */
export interface Probe {
  sentAtMs: number;
  answeredAtMs: number;
  /** Epoch ms; null: it said none that can be read. */
  serverNowMs: number | null;
}

export interface ServerFacts {
  /** tcp://host:port */
  address: string;
  /** Why it was chosen, in words. */
  because: string;
  /** It was named, so it has to be there. */
  named: boolean;
  /** null: it answers. */
  failure: { code: string; message: string } | null;
  version: string | null;
  connections: number | null;
  probes: readonly Probe[];
}

/** What jobs there will be; null: nobody said. */
export interface LoadWish {
  ratePerS: number | null;
  serviceMs: number | null;
}

/** Faktory takes no more than that, from everybody together. */
const mostConnections = 2000;
const crowdedConnections = 1500;
const farMs = 20;
const skewWarnMs = 50;
const skewFixMs = 1000;
const slotsPerCore = { least: 500, most: 1000 };

const ms = (value: number) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;

export interface RoundTrip {
  minMs: number;
  medianMs: number;
}

/** null: there was no answer. */
export function roundTripOf(probes: readonly Probe[]): RoundTrip | null {
  const trips = probes.map(({ sentAtMs, answeredAtMs }) => answeredAtMs - sentAtMs).sort((a, b) => a - b);
  if (trips.length === 0) return null;
  const half = trips.length / 2;
  const medianMs = trips.length % 2 === 1 ? trips[Math.floor(half)]! : (trips[half - 1]! + trips[half]!) / 2;
  return { minMs: trips[0]!, medianMs };
}

export interface ClockOffset {
  /** The server's clock is ahead of this machine's by so much. */
  offsetMs: number;
  /** The true one is at most this far from it: half the round trip. */
  errorMs: number;
}

/** By the quickest answer, as NTP does: it leaves the least room for error. null: the server told no time. */
export function clockOffsetOf(probes: readonly Probe[]): ClockOffset | null {
  let best: ClockOffset | null = null;
  for (const { sentAtMs, answeredAtMs, serverNowMs } of probes) {
    if (serverNowMs === null) continue;
    const errorMs = (answeredAtMs - sentAtMs) / 2;
    if (best === null || errorMs < best.errorMs) best = { offsetMs: serverNowMs - (sentAtMs + errorMs), errorMs };
  }
  return best;
}

export function checkAnswer({ address, because, named, failure, version }: ServerFacts): Finding {
  if (failure === null) return ok('server', `${address} answers (${version ?? 'version not told'}), ${because}`);
  const { code, message } = failure;
  const text = message.includes(address) ? message : `${address}: ${message}`;
  if (code === 'EPASSWORD') {
    const remedy = "FAKTORY_PASSWORD=… just doctor (it stands in .env of the server's checkout)";
    return named ? fix('server', text, remedy) : warn('server', `${text} (${because})`, remedy);
  }
  if (named) return fix('server', text, 'just doctor on its machine');
  return warn('server', `${text} (${because})`, 'just status, or just server');
}

export function checkRoundTrip({ probes, address }: ServerFacts): Finding[] {
  const trip = roundTripOf(probes);
  if (trip === null) return [];
  const text = `${address} is ${ms(trip.minMs)} away at best, ${ms(trip.medianMs)} in the middle of ${probes.length} INFOs`;
  return [
    trip.medianMs > farMs
      ? warn('round-trip', text, 'give workers more slots, or move them nearer to the server')
      : ok('round-trip', text),
  ];
}

export function checkClock({ probes }: ServerFacts): Finding[] {
  const offset = clockOffsetOf(probes);
  if (offset === null) return [];
  const { offsetMs, errorMs } = offset;
  const aheadOf = offsetMs < 0 ? 'behind' : 'ahead of';
  const text = `the server's clock is ${ms(Math.abs(offsetMs))} ${aheadOf} this one (± ${ms(errorMs)})`;
  const surely = Math.abs(offsetMs) - errorMs;
  const remedy = 'keep both clocks by NTP (timedatectl set-ntp true)';
  if (surely > skewFixMs) return [fix('clock', text, remedy)];
  return [surely > skewWarnMs ? warn('clock', `${text}: queue waits are wrong by that`, remedy) : ok('clock', text)];
}

export function checkConnections(wish: WorkerWish, { connections }: ServerFacts): Finding[] {
  if (connections === null) return [];
  const wanted = wish.connections * wish.replicas;
  const all = connections + wanted;
  const text = `the server has ${whole(connections)} connections and ${wish.replicas === 1 ? 'a worker takes' : `${wish.replicas} workers take`} up to ${whole(wanted)} of the ${whole(mostConnections)} that Faktory allows`;
  if (all > mostConnections) return [fix('connections', text, 'end other clients, or start fewer workers')];
  return [
    all > crowdedConnections
      ? warn('connections', text, 'end other clients, or start fewer workers')
      : ok('connections', text),
  ];
}

/** How many slots: by the cores, and by what the jobs need when that was told. */
export function checkSlots(
  wish: WorkerWish,
  cores: number,
  { ratePerS, serviceMs }: LoadWish,
  trip: RoundTrip | null,
): Finding {
  const [least, most] = [slotsPerCore.least, slotsPerCore.most].map((slots) => Math.ceil(slots * cores)) as [
    number,
    number,
  ];
  const rule = `${whole(least)} to ${whole(most)} suit ${cores} CPUs (500 to 1000 a core)`;
  if (ratePerS !== null && serviceMs !== null) {
    const tripMs = trip?.medianMs ?? 0;
    const slots = Math.ceil((ratePerS * (serviceMs + tripMs)) / 1000);
    const sum = `${whole(ratePerS)} jobs/s of ${ms(serviceMs)} and a round trip of ${ms(tripMs)} need ${whole(slots)} slots`;
    return slots > wish.concurrency * wish.replicas
      ? fix(
          'slots',
          `${sum}, and WORKER_CONCURRENCY is ${whole(wish.concurrency)}`,
          `just worker ${Math.ceil(slots / wish.replicas)}`,
        )
      : ok('slots', `${sum}, of ${whole(wish.concurrency * wish.replicas)}`);
  }
  const has = `WORKER_CONCURRENCY is ${whole(wish.concurrency)}`;
  const more = '--rate and --service-time say how many your jobs need';
  if (wish.concurrency < least) return warn('slots', `${has}, and ${rule}`, `just worker ${least}; ${more}`);
  if (wish.concurrency > most) {
    return warn('slots', `${has}, and ${rule}: more pay off when jobs wait`, `just worker ${most}; ${more}`);
  }
  return ok('slots', `${has}; ${rule}; ${more}`);
}
