// What limited a run: `(measurements) → {bottleneck, evidence, advice}`, pure. The base is the tuning guide's: queue growing →
// the job server; queue empty and CPU to spare → more slots; CPU at its cap → the ceiling. Each rule below has its numbers in its evidence.
// Invariant: rules are asked in order and the first that speaks wins; a run too short to say anything says only that.

import type { DepthSummary } from './depth.ts';
import type { Via } from './plan.ts';

export type Bottleneck =
  | 'too-short'
  | 'machine-cpu'
  | 'worker-cpu'
  | 'slots'
  | 'server'
  | 'fetch'
  | 'generator'
  | 'api'
  | 'batcher'
  | 'offered-rate'
  | 'unclear';

export interface CpuShare {
  usedCores: number | null;
  /** Cores that the part can use at most; null: not known. */
  capCores: number | null;
}

export interface Measurements {
  jobs: number;
  completed: number;
  /** First submission to last completion, in seconds. */
  activeS: number;
  steady: boolean;
  completePerS: number | null;
  submitPerS: number | null;
  /** The stated rate of an open run; null: closed. */
  ratePerS: number | null;
  via: Via;
  depth: DepthSummary | null;
  slots: number | null;
  /** Share of the slots that handlers kept busy: time in handlers over slots x time; null: not measured. */
  slotsBusyShare: number | null;
  serviceMeanUs: number | null;
  batchWaitP50Us: number | null;
  submitP50Us: number | null;
  cpu: { generator: CpuShare; api: CpuShare; server: CpuShare; workers: CpuShare };
  throttledShare: number | null;
  /** Every part runs on this machine. */
  local: boolean;
  machineCpus: number;
  workerCpus: number;
}

export interface Verdict {
  bottleneck: Bottleneck;
  evidence: string[];
  /** The next thing to try, a command where there is one. */
  advice: string;
}

const full = 0.9;
const busySingle = 0.8;

const shareOf = ({ usedCores, capCores }: CpuShare): number | null =>
  usedCores === null || capCores === null || capCores === 0 ? null : usedCores / capCores;
const percent = (share: number): string => `${Math.round(share * 100)}%`;
const count = (value: number): string => Math.round(value).toLocaleString('en-GB');

function cpuEvidence(name: string, cpu: CpuShare): string {
  if (cpu.usedCores === null) return `${name} CPU is not known`;
  const share = shareOf(cpu);
  const cap = share === null ? '' : ` of ${cpu.capCores} (${percent(share)})`;
  return `${name} used ${cpu.usedCores.toFixed(2)} cores${cap}`;
}

/** A round number of jobs that should keep this rate going for about `seconds`. */
function jobsFor(m: Measurements, seconds: number): number {
  const wanted = Math.max(m.jobs * 2, (m.completePerS ?? m.jobs) * seconds);
  const unit = 10 ** Math.floor(Math.log10(wanted));
  return Math.min(100_000_000, Math.ceil(wanted / unit) * unit);
}

type Rule = (m: Measurements) => Verdict | null;

const tooShort: Rule = (m) => {
  if (m.activeS >= 1 && m.completed > 0) return null;
  if (m.completed === 0) {
    return {
      bottleneck: 'unclear',
      evidence: ['no job was completed'],
      advice: 'see what the worker says: just worker',
    };
  }
  return {
    bottleneck: 'too-short',
    evidence: [
      `it was over in ${Math.max(1, Math.round(m.activeS * 1000))} ms, too soon for a steady rate (1 s at least)`,
    ],
    advice: `just perf-test ${jobsFor(m, 10)} (about 10 s at this rate)`,
  };
};

const throttled: Rule = (m) => {
  if (m.throttledShare === null || m.throttledShare < 0.1) return null;
  return {
    bottleneck: 'worker-cpu',
    evidence: [
      `workers were throttled in ${percent(m.throttledShare)} of the periods`,
      cpuEvidence('workers', m.cpu.workers),
    ],
    advice: `give workers more CPUs: ${moreCpus(m)}`,
  };
};

function moreCpus(m: Measurements): string {
  const cpus = m.workerCpus * 2;
  if (m.local && m.workerCpus >= m.machineCpus) return 'another host (this machine has no more)';
  const shown = m.local ? Math.min(cpus, m.machineCpus) : cpus;
  return `just worker ${m.slots ?? 2000} ${shown.toFixed(1)}`;
}

const workerCpu: Rule = (m) => {
  const share = shareOf(m.cpu.workers);
  if (share === null || share < full) return null;
  return {
    bottleneck: 'worker-cpu',
    evidence: [cpuEvidence('workers', m.cpu.workers), 'that is the ceiling: more slots will not help'],
    advice: `more CPUs or another worker host: ${moreCpus(m)}`,
  };
};

/** All parts on one machine and its cores used up: no part reaches its own cap, since they take the cores from each other. */
const machineCpu: Rule = (m) => {
  if (!m.local) return null;
  const parts = Object.entries(m.cpu) as [string, CpuShare][];
  if (parts.some(([, cpu]) => cpu.usedCores === null)) return null;
  const used = parts.reduce((sum, [, cpu]) => sum + cpu.usedCores!, 0);
  if (used < full * m.machineCpus) return null;
  return {
    bottleneck: 'machine-cpu',
    evidence: [
      `the parts together used ${used.toFixed(2)} of this machine's ${m.machineCpus} cores`,
      ...parts.map(([name, cpu]) => cpuEvidence(name, cpu)),
    ],
    advice: 'run the worker on another host: FAKTORY_SERVER_IP=<this host> just worker',
  };
};

const slotsBusy: Rule = (m) => {
  if (m.slots === null || m.slotsBusyShare === null || m.slotsBusyShare < 0.85) return null;
  const bound = m.serviceMeanUs ? m.slots / (m.serviceMeanUs / 1e6) : null;
  const more = m.slots * 2;
  return {
    bottleneck: 'slots',
    evidence: [
      `${percent(m.slotsBusyShare)} of ${count(m.slots)} slots were in handlers`,
      ...(bound === null
        ? []
        : [
            `handlers took ${(m.serviceMeanUs! / 1000).toFixed(1)} ms on average, so slots / service time is ${count(bound)} jobs/s`,
          ]),
      cpuEvidence('workers', m.cpu.workers),
    ],
    advice: m.local ? `just perf-test ${jobsFor(m, 10)} --concurrency ${more}` : `just worker ${more}`,
  };
};

/** The queue was deep, yet workers had slots and CPU to spare: jobs did not come out of the server fast enough. */
const queueDeep: Rule = (m) => {
  if (m.depth === null || m.depth.deepShare === null || m.depth.deepShare < 0.5) return null;
  const slope = m.depth.slopePerS;
  const grew = slope !== null && slope > 0.05 * (m.completePerS ?? 0);
  const evidence = [
    `the queue held up to ${count(m.depth.max)} jobs${grew ? ` and grew by ${count(slope)} a second` : ''}`,
    cpuEvidence('server', m.cpu.server),
    cpuEvidence('workers', m.cpu.workers),
  ];
  const server = shareOf(m.cpu.server);
  if (server === null || server >= busySingle) {
    return { bottleneck: 'server', evidence, advice: serverAdvice(m) };
  }
  const more = (m.slots ?? 2000) * 2;
  return {
    bottleneck: 'fetch',
    evidence: [...evidence, 'server and workers had CPU to spare: FETCH round trips held the rate down'],
    advice: m.local ? `just perf-test ${jobsFor(m, 10)} --concurrency ${more}` : `more slots: just worker ${more}`,
  };
};

function serverAdvice(m: Measurements): string {
  const cap = m.cpu.server.capCores;
  if (cap === 1) return 'the server is one thread and at its limit; run several servers side by side for more';
  return "give the server more CPUs (faktory's cpus in docker-compose.server.yml), then just server";
}

/** The queue stood empty and workers had CPU to spare: jobs came in no faster. Who held them back? */
const starved: Rule = (m) => {
  if (m.depth === null || m.depth.deepShare === null || m.depth.deepShare >= 0.5) return null;
  const evidence = [
    `the queue was short (${count(m.depth.max)} jobs at most): workers took jobs as fast as they came in`,
    cpuEvidence('workers', m.cpu.workers),
  ];
  const api = shareOf(m.cpu.api);
  const generator = shareOf(m.cpu.generator);
  const server = shareOf(m.cpu.server);
  if (m.ratePerS !== null && (m.submitPerS ?? 0) >= 0.98 * m.ratePerS) {
    const more = jobsFor(m, 10);
    return {
      bottleneck: 'offered-rate',
      evidence: [`it kept up with the ${count(m.ratePerS)} jobs/s that were offered`, ...evidence],
      advice: `just perf-test ${more} --rate ${Math.round(m.ratePerS * 2)}`,
    };
  }
  if (m.via !== 'direct' && api !== null && api >= busySingle && api >= (generator ?? 0)) {
    const advice =
      m.via === 'api' ? `just perf-test ${jobsFor(m, 10)} --via batch` : 'BATCH_MAX_SIZE=500 just perf-test';
    return { bottleneck: 'api', evidence: [cpuEvidence('api', m.cpu.api), ...evidence], advice };
  }
  if (generator !== null && generator >= busySingle) {
    const advice = `just perf-test ${jobsFor(m, 10)} --via ${m.via === 'api' ? 'batch' : 'direct'}`;
    return { bottleneck: 'generator', evidence: [cpuEvidence('generator', m.cpu.generator), ...evidence], advice };
  }
  if (server !== null && server >= busySingle) {
    return {
      bottleneck: 'server',
      evidence: [cpuEvidence('server', m.cpu.server), ...evidence],
      advice: serverAdvice(m),
    };
  }
  const { batchWaitP50Us: wait, submitP50Us: whole } = m;
  if (m.via !== 'direct' && wait !== null && whole !== null && whole > 0 && wait >= 0.5 * whole) {
    const shown = `waiting for a batch was ${percent(wait / whole)} of a submission (p50 ${(wait / 1000).toFixed(1)} ms)`;
    return { bottleneck: 'batcher', evidence: [shown, ...evidence], advice: 'BATCH_MAX_DELAY_MS=10 just perf-test' };
  }
  return null;
};

const rules: readonly Rule[] = [tooShort, throttled, slotsBusy, workerCpu, machineCpu, queueDeep, starved];

export function judge(m: Measurements): Verdict {
  for (const rule of rules) {
    const verdict = rule(m);
    if (verdict) return verdict;
  }
  return {
    bottleneck: 'unclear',
    evidence: [
      m.depth === null ? 'the queue was not watched' : `the queue held up to ${count(m.depth.max)} jobs`,
      ...(Object.entries(m.cpu) as [string, CpuShare][]).map(([name, cpu]) => cpuEvidence(name, cpu)),
    ],
    advice: `a longer run says more: just perf-test ${jobsFor(m, 30)}`,
  };
}
