// A run as it went: cumulative readings in, samples of the stretches between them out. Pure.
//
//   readings   0 ──── 1 ──── 2 ──── 3 ──── 4 …          each what was true so far
//   samples      └─ a ─┘└─ b ─┘└─ c ─┘└─ d ─┘           each what happened meanwhile
//   kept         └─── a+b ────┘└─── c+d ────┘           once there are too many: neighbours joined, by adding their histograms
//
// Invariant: at most `limit` samples are kept, and over them counts add up to the last reading and percentiles are of all jobs of
// their stretch, never averages.

import { Histogram, type HistogramData } from '@jobstorm/telemetry';
import { type CpuPart, cpuParts } from './result.ts';
import type { Stretch } from './threshold-windows.ts';

/** What happened in a stretch of a run. */
export interface TimelineCounts {
  submitted: number;
  accepted: number;
  refused: number;
  /** Sent, and never answered. */
  uncertain: number;
  completed: number;
  failed: number;
  retried: number;
  duplicated: number;
}

/** A part at one moment, over its processes. */
export interface TimelinePart {
  /** Cores in use since the reading before; null: not known. */
  usedCores: number | null;
  capCores: number | null;
  throttledShare: number | null;
  rssBytes: number | null;
  /** Open file descriptors; null: not known. */
  handles: number | null;
}

export type TimelineParts = Record<CpuPart, TimelinePart | null>;

/** Over the links of the host that records the run, loopback among them: bytes a second. */
export interface TimelineNetwork {
  inPerS: number;
  outPerS: number;
}

/** What was true so far. */
export interface TimelineReading {
  /** Seconds since the run's start. */
  atS: number;
  counts: TimelineCounts;
  /** endToEnd of all jobs so far; null: none. Not changed here. */
  latency: Histogram | null;
  /** Jobs that wait in the run's queue; null: not known. */
  queueDepth: number | null;
  /** Age of the oldest of them, in seconds; null, or not set: not known. */
  oldestJobS?: number | null;
  /** Since the reading before; null, or not set: not known. */
  network?: TimelineNetwork | null;
  slots: { total: number; running: number } | null;
  parts: TimelineParts;
}

export interface TimelineLatency {
  p50: number;
  p95: number;
  p99: number;
  max: number;
  count: number;
}

/** A stretch of a run. Where two were joined, depth, age and memory are the larger one, cores and network the mean over time. */
export interface TimelineSample {
  /** Its end, in seconds since the run's start, and its length. */
  atS: number;
  lengthS: number;
  counts: TimelineCounts;
  /** endToEnd of the jobs completed meanwhile, in microseconds; null: none. */
  latencyUs: TimelineLatency | null;
  queueDepth: number | null;
  /** Age of the oldest of those that wait, in seconds; null, or not set: not known. */
  oldestJobS?: number | null;
  /** null, or not set: not known. */
  network?: TimelineNetwork | null;
  slots: { total: number; running: number } | null;
  parts: TimelineParts;
}

/** Something that happened at a moment: a worker that came or went, say. */
export interface TimelineMark {
  atS: number;
  what: string;
}

interface Kept {
  sample: TimelineSample;
  latency: HistogramData | null;
  /** How many samples were joined in it. */
  joined: number;
}

const mostMarks = 500;
const leastS = 0.2;
export const noCounts: Readonly<TimelineCounts> = {
  submitted: 0,
  accepted: 0,
  refused: 0,
  uncertain: 0,
  completed: 0,
  failed: 0,
  retried: 0,
  duplicated: 0,
};
const countNames = Object.keys(noCounts) as (keyof TimelineCounts)[];

function eachCount(of: (name: keyof TimelineCounts) => number): TimelineCounts {
  return Object.fromEntries(countNames.map((name) => [name, of(name)])) as unknown as TimelineCounts;
}

function latencyOf(data: HistogramData | null): TimelineLatency | null {
  if (data === null || data.count === 0) return null;
  const histogram = Histogram.fromJSON(data);
  const [p50, p95, p99] = [50, 95, 99].map((p) => histogram.percentile(p)) as [number, number, number];
  return { p50, p95, p99, max: histogram.max, count: histogram.count };
}

/** The larger of what is known. */
function larger(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function meanOverTime(a: number | null, aS: number, b: number | null, bS: number): number | null {
  return a === null || b === null ? (a ?? b) : (a * aS + b * bS) / (aS + bS);
}

function joinPart(a: TimelinePart | null, aS: number, b: TimelinePart | null, bS: number): TimelinePart | null {
  if (a === null || b === null) return a ?? b;
  return {
    usedCores: meanOverTime(a.usedCores, aS, b.usedCores, bS),
    capCores: b.capCores,
    throttledShare: meanOverTime(a.throttledShare, aS, b.throttledShare, bS),
    rssBytes: larger(a.rssBytes, b.rssBytes),
    handles: larger(a.handles, b.handles),
  };
}

function joinNetwork(a: TimelineSample, b: TimelineSample): TimelineNetwork | null {
  const [from, to] = [a.network ?? null, b.network ?? null];
  if (from === null || to === null) return from ?? to;
  const mean = (way: keyof TimelineNetwork) => meanOverTime(from[way], a.lengthS, to[way], b.lengthS)!;
  return { inPerS: mean('inPerS'), outPerS: mean('outPerS') };
}

function joinLatency(a: HistogramData | null, b: HistogramData | null): HistogramData | null {
  if (a === null || b === null) return a ?? b;
  const sum = Histogram.fromJSON(a);
  sum.mergeData(b);
  return sum.toJSON();
}

/** `a`, then `b`. */
function join(a: Kept, b: Kept): Kept {
  const [aS, bS] = [a.sample.lengthS, b.sample.lengthS];
  const latency = joinLatency(a.latency, b.latency);
  const parts = cpuParts.map((part) => [part, joinPart(a.sample.parts[part], aS, b.sample.parts[part], bS)]);
  return {
    joined: a.joined + b.joined,
    latency,
    sample: {
      atS: b.sample.atS,
      lengthS: aS + bS,
      counts: eachCount((name) => a.sample.counts[name] + b.sample.counts[name]),
      latencyUs: latencyOf(latency),
      queueDepth: larger(a.sample.queueDepth, b.sample.queueDepth),
      oldestJobS: larger(a.sample.oldestJobS ?? null, b.sample.oldestJobS ?? null),
      network: joinNetwork(a.sample, b.sample),
      slots: b.sample.slots ?? a.sample.slots,
      parts: Object.fromEntries(parts) as TimelineParts,
    },
  };
}

export class Timeline {
  readonly marks: TimelineMark[] = [];
  /** The run's start, in epoch milliseconds; null: nobody said. */
  startedAtMs: number | null = null;
  readonly #limit: number;
  #kept: Kept[] = [];
  #joined = 1;
  #last: { atS: number; counts: TimelineCounts; latency: Histogram } = {
    atS: 0,
    counts: { ...noCounts },
    latency: new Histogram(),
  };

  /** `limit`: samples to keep at most, an even number. */
  constructor(limit = 1200) {
    this.#limit = limit;
  }

  get samples(): readonly TimelineSample[] {
    return this.#kept.map(({ sample }) => sample);
  }

  /** The samples with all of their latencies. */
  get stretches(): Stretch[] {
    return this.#kept.map(({ sample: { lengthS, counts }, latency }) => ({
      lengthS,
      counts,
      latency: latency && Histogram.fromJSON(latency),
    }));
  }

  /** endToEnd of all jobs so far; not to be changed. */
  get latency(): Histogram {
    return this.#last.latency;
  }

  /** Takes what is true now; the stretch since the reading before, as it is before any joining. null: no time lies between. */
  add(reading: TimelineReading): TimelineSample | null {
    const { atS, counts, latency, queueDepth, oldestJobS = null, network = null, slots, parts } = reading;
    const last = this.#last;
    if (atS <= last.atS) return null;
    const since = latency?.since(last.latency).toJSON() ?? null;
    const sample: TimelineSample = {
      atS,
      lengthS: atS - last.atS,
      // A part that was not asked this time may make a sum smaller; it is made good by the next one.
      counts: eachCount((name) => Math.max(0, counts[name] - last.counts[name])),
      latencyUs: latencyOf(since),
      queueDepth,
      oldestJobS,
      network,
      slots,
      parts,
    };
    this.#last = {
      atS,
      counts: eachCount((name) => Math.max(counts[name], last.counts[name])),
      latency: latency ?? last.latency,
    };
    this.#keep({ sample, latency: since, joined: 1 });
    return sample;
  }

  /** Notes that something happened; what comes after the first few hundred is left out. */
  mark(atS: number, what: string): void {
    if (this.marks.length < mostMarks) this.marks.push({ atS, what });
  }

  #keep(kept: Kept): void {
    const last = this.#kept.at(-1);
    // What a run's end cut off is too short for a rate of its own.
    if (last && (last.joined < this.#joined || kept.sample.lengthS < leastS))
      this.#kept[this.#kept.length - 1] = join(last, kept);
    else this.#kept.push(kept);
    if (this.#kept.length <= this.#limit) return;
    const halved: Kept[] = [];
    for (let i = 0; i < this.#kept.length; i += 2) {
      const [a, b] = [this.#kept[i]!, this.#kept[i + 1]];
      halved.push(b ? join(a, b) : a);
    }
    this.#kept = halved;
    this.#joined *= 2;
  }
}
