// A run as a page or a terminal draws it, from the lines of its stream. Pure: no DOM. Invariant: lines come in their order, each once; columns have
// one entry a sample, null where nothing was measured.

import { Thinning, thinned } from './thin.ts';

export interface Sample {
  atS: number;
  lengthS: number;
  counts: Record<string, number>;
  latencyUs: { p50: number; p95: number; p99: number; max: number } | null;
  queueDepth: number | null;
  /** Age of the oldest job that waits, in seconds; null, or not set: not known. */
  oldestJobS?: number | null;
  /** Over the links of the host that records it, in bytes a second; null, or not set: not known. */
  network?: { inPerS: number; outPerS: number } | null;
  slots: { total: number; running: number } | null;
  parts: Record<string, { usedCores: number | null; capCores: number | null; throttledShare: number | null } | null>;
}

export interface Mark {
  atS: number;
  what: string;
}

export interface Setting {
  slots: number;
  cpus: number;
  processes: number;
  batchSize: number;
  batchDelayMs: number;
}

export interface Trial {
  number: number;
  /** How many there will be, about. */
  of: number;
  setting: Setting;
  stage: string;
  why: string;
  state: 'running' | 'measured' | 'repeated';
  measured: { ratePerS: number; usedCores: number | null; p99Us: number | null; bottleneck: string } | null;
  /** Of the rate, jobs/s; null: not known. */
  intervalPerS: [number, number] | null;
  /** What the tuning is after, in words; not there in older records. */
  goal?: string;
  /** Under that goal, the higher the better; null: not measured; not there in older records, which go by the rate. */
  score?: number | null;
  note: string;
}

export interface Verdict {
  bottleneck: string;
  evidence: string[];
  advice: string;
}

/** What a tuning found. */
export interface Found {
  winner: Setting;
  ratePerS: number;
  stopped: string;
}

const counted = (value: number, one: string, several: string) => `${value} ${value === 1 ? one : several}`;

const settingTexts: { [Name in keyof Setting]: (value: number) => string } = {
  slots: (value) => counted(value, 'slot', 'slots'),
  cpus: (value) => counted(value, 'CPU', 'CPUs'),
  processes: (value) => counted(value, 'process', 'processes'),
  batchSize: (value) => `batches of ${value}`,
  batchDelayMs: (value) => `batch delay ${value} ms`,
};

const isSame = (a: Setting, b: Setting) =>
  (Object.keys(settingTexts) as (keyof Setting)[]).every((name) => a[name] === b[name]);

/** What a trial has that the one before it had not; of the first one its slots and CPUs. */
export function changeText(before: Setting | null, setting: Setting): string {
  const names = Object.keys(settingTexts) as (keyof Setting)[];
  const changed = before ? names.filter((name) => before[name] !== setting[name]) : names.slice(0, 2);
  if (changed.length === 0) return 'the same again';
  return changed.map((name) => settingTexts[name](setting[name])).join(', ');
}

type Json = Record<string, unknown>;
type Line = Json & { type: string };

/** So many samples without a failure end a time of failures: a job that fails now and then is one time and not many. */
const quietSamples = 6;

const partNames = ['generator', 'api', 'server', 'workers'] as const;
export type PartName = (typeof partNames)[number];

/** What is shown of it: an hour has 7,200, which all stay in memory. */
function slim({ atS, lengthS, counts, latencyUs, queueDepth, oldestJobS, network, slots, parts }: Sample): Sample {
  const { submitted = 0, completed = 0, failed = 0 } = counts;
  const entries = partNames.map((name) => {
    const part = parts?.[name];
    return [
      name,
      part ? { usedCores: part.usedCores, capCores: part.capCores, throttledShare: part.throttledShare } : null,
    ];
  });
  return {
    atS,
    lengthS,
    counts: { submitted, completed, failed },
    latencyUs: latencyUs ? { p50: latencyUs.p50, p95: latencyUs.p95, p99: latencyUs.p99, max: latencyUs.max } : null,
    queueDepth: queueDepth ?? null,
    oldestJobS: oldestJobS ?? null,
    network: network ? { inPerS: network.inPerS, outPerS: network.outPerS } : null,
    slots: slots ? { total: slots.total, running: slots.running } : null,
    parts: Object.fromEntries(entries),
  };
}

export class RunModel {
  readonly id: string;
  header: Json = {};
  readonly samples: Sample[] = [];
  readonly marks: Mark[] = [];
  /** By number; a later line of a trial takes the place of an earlier one. */
  readonly trials = new Map<number, Trial>();
  stage: { what: string; atS: number; lengthS: number | null } | null = null;
  verdict: Verdict | null = null;
  curve: { lambda: number; sigma: number; kappa: number } | null = null;
  knee: number | null = null;
  found: Found | null = null;
  result: Json | null = null;
  ended = false;
  #lines = 0;
  #thin: { key: string; run: RunModel } | null = null;
  readonly #thinning = new Thinning();
  /** The trial that is about to be made, and the setting of the one before. */
  #next: Trial | null = null;
  #before: Setting | null = null;
  /** Since the last sample in which jobs failed; null: none have, or it is long ago. */
  #samplesSinceFailure: number | null = null;

  constructor(id: string) {
    this.id = id;
  }

  get lines(): number {
    return this.#lines;
  }

  /** Lines of an unknown type count, and are passed over. */
  add(line: unknown): void {
    this.#lines++;
    const { type, ...rest } = line as Line;
    if (type === 'header') this.header = rest;
    else if (type === 'sample') this.#sample(rest as unknown as Sample);
    else if (type === 'mark') this.#told(rest as unknown as Mark);
    else if (type === 'trial') this.#trial(rest as unknown as Trial);
    else if (type === 'stage') this.#stage(rest as unknown as NonNullable<RunModel['stage']>);
    else if (type === 'verdict') this.verdict = rest as unknown as Verdict;
    else if (type === 'curve') {
      this.curve = rest.curve as RunModel['curve'];
      this.knee = rest.knee as number | null;
    } else if (type === 'end') this.#end(rest.result as Json);
  }

  #sample(told: Sample): void {
    const sample = slim(told);
    this.samples.push(sample);
    const failed = sample.counts.failed ?? 0;
    if (failed > 0) {
      const share = (100 * failed) / Math.max(1, failed + (sample.counts.completed ?? 0));
      if (this.#samplesSinceFailure === null)
        this.#mark(sample.atS, `jobs fail: ${share.toFixed(share < 10 ? 1 : 0)} %`);
      this.#samplesSinceFailure = 0;
    } else if (this.#samplesSinceFailure !== null && ++this.#samplesSinceFailure >= quietSamples) {
      this.#mark(sample.atS, 'no job fails any more');
      this.#samplesSinceFailure = null;
    }
  }

  /** Where a trial ends the next one begins, which has a marker of its own, and the trial its row. */
  #told(mark: Mark): void {
    if (!/^trial \d+ ended$/.test(mark.what)) this.marks.push(mark);
  }

  #mark(atS: number, what: string): void {
    this.marks.push({ atS, what });
  }

  #trial(trial: Trial): void {
    this.trials.set(trial.number, trial);
    this.#next = trial.state === 'running' ? trial : null;
  }

  /** A tuning turns its knobs at the beginning of a trial. */
  #stage(stage: NonNullable<RunModel['stage']>): void {
    this.stage = stage;
    if (this.#next === null) return;
    const { number, setting } = this.#next;
    this.#mark(stage.atS, `trial ${number}: ${changeText(this.#before, setting)}`);
    this.#before = setting;
    this.#next = null;
  }

  #end(result: Json): void {
    this.ended = true;
    this.result = result;
    this.verdict = (result.verdict as Verdict | undefined) ?? this.verdict;
    this.found = (result.found as Found | undefined) ?? null;
  }

  /** The same with `most` samples, roughly, between these seconds. Made once, however many plots ask. */
  thinned(most: number, rangeS: readonly [number, number]): RunModel {
    const key = [this.samples.length, most, ...rangeS].join();
    if (this.#thin?.key === key) return this.#thin.run;
    const run = new RunModel(this.id);
    run.header = this.header;
    const whole = rangeS[0] <= 0 && rangeS[1] === Number.POSITIVE_INFINITY;
    run.samples.push(...(whole ? this.#thinning.of(this.samples, most) : thinned(this.samples, most, rangeS)));
    this.#thin = { key, run };
    return run;
  }

  get command(): string {
    return String((this.header.run as { command?: string } | undefined)?.command ?? this.id);
  }

  /** Seconds since its start. */
  get times(): number[] {
    return this.samples.map(({ atS }) => atS);
  }

  /** Jobs/s of a count, a sample each. */
  rates(name: string): number[] {
    return this.samples.map(({ counts, lengthS }) => (counts[name] ?? 0) / lengthS);
  }

  /** ms */
  latencies(quantile: 'p50' | 'p95' | 'p99'): (number | null)[] {
    return this.samples.map(({ latencyUs }) => (latencyUs === null ? null : latencyUs[quantile] / 1000));
  }

  depths(): (number | null)[] {
    return this.samples.map(({ queueDepth }) => queueDepth);
  }

  /** MB/s */
  network(way: 'inPerS' | 'outPerS'): (number | null)[] {
    return this.samples.map(({ network }) => (network ? network[way] / 1e6 : null));
  }

  cores(part: PartName, of: 'usedCores' | 'capCores' = 'usedCores'): (number | null)[] {
    return this.samples.map(({ parts }) => parts[part]?.[of] ?? null);
  }

  /** The largest share of scheduler periods in which a part was held back at its cap. */
  throttled(): (number | null)[] {
    return this.samples.map(({ parts }) => {
      const shares = partNames.map((part) => parts[part]?.throttledShare ?? 0);
      return Math.max(...shares) || null;
    });
  }

  /** The last sample that was taken by then; the first one where none was. */
  sampleAt(atS: number): Sample | null {
    return this.samples.findLast((sample) => sample.atS <= atS) ?? this.samples[0] ?? null;
  }

  total(name: string): number {
    return this.samples.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);
  }

  /** Over the last samples that make up `seconds`; null: none yet. */
  recentRate(seconds = 2): number | null {
    let jobs = 0;
    let lengthS = 0;
    for (let at = this.samples.length - 1; at >= 0 && lengthS < seconds; at--) {
      jobs += this.samples[at]!.counts.completed ?? 0;
      lengthS += this.samples[at]!.lengthS;
    }
    return lengthS === 0 ? null : jobs / lengthS;
  }

  /** The latest latencies that were measured. */
  get latestLatency(): Sample['latencyUs'] {
    return this.samples.findLast(({ latencyUs }) => latencyUs !== null)?.latencyUs ?? null;
  }

  /** The one whose setting was found best, before that the one that serves the goal best; null: none has measured. */
  get bestTrial(): Trial | null {
    const measured = [...this.trials.values()].filter((trial) => trial.measured !== null && trial.state === 'measured');
    const { found } = this;
    const winner = found && measured.findLast(({ setting }) => isSame(setting, found.winner));
    if (winner) return winner;
    const worth = ({ score, measured: own }: Trial) => score ?? own!.ratePerS;
    return measured.sort((a, b) => worth(b) - worth(a))[0] ?? null;
  }

  /** A goal of the rate, where one was stated: jobs/s. */
  get goalPerS(): number | null {
    const { rate } = (this.header.config as Json | undefined) ?? {};
    return typeof rate === 'number' ? rate : null;
  }

  /** The samples as CSV. */
  csv(): string {
    const head =
      'atS,submittedPerS,completedPerS,failedPerS,p50Ms,p95Ms,p99Ms,queueDepth,slotsRunning,slotsTotal,networkInMBPerS,networkOutMBPerS';
    const cores = partNames.map((part) => `${part}Cores`).join(',');
    const rows = this.samples.map(({ atS, lengthS, counts, latencyUs, queueDepth, network, slots, parts }) => {
      const rate = (name: string) => ((counts[name] ?? 0) / lengthS).toFixed(1);
      const ms = (us: number | undefined) => (us === undefined ? '' : us / 1000);
      const values = [atS, rate('submitted'), rate('completed'), rate('failed')];
      const latencies = [ms(latencyUs?.p50), ms(latencyUs?.p95), ms(latencyUs?.p99)];
      const mb = (way: 'inPerS' | 'outPerS') => (network ? (network[way] / 1e6).toFixed(3) : '');
      const rest = [queueDepth ?? '', slots?.running ?? '', slots?.total ?? '', mb('inPerS'), mb('outPerS')];
      return [...values, ...latencies, ...rest, ...partNames.map((part) => parts[part]?.usedCores ?? '')].join(',');
    });
    return `${head},${cores}\n${rows.join('\n')}\n`;
  }
}
