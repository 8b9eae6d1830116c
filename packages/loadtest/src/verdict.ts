// What limited a run: `(measurements) → {bottleneck, evidence, advice}`, pure. The base is the tuning guide's: queue growing →
// the job server; queue empty and CPU to spare → more slots; CPU at its cap → the ceiling. Each rule below has its numbers in its evidence.
// Invariant: rules are asked in order and the first that speaks wins; a run too short to say anything says only that.

import { perfTestFor } from './advice.ts';
import type { CpuShare, Measurements } from './measurements.ts';
import { again, longer, moreCpus, moreServer, moreSlots } from './next-step.ts';
import { type Scaling, scalingOf } from './scaling.ts';
import { enqueueOnly, generatorCapped, offered, starved } from './verdict-intake.ts';
import { fetchBound, networkFull, serverDisk, serverRedis } from './verdict-surroundings.ts';
import {
  busySingle,
  count,
  cpuEvidence,
  full,
  isBusy,
  mostlyThrottled,
  oftenThrottled,
  percent,
  shareOf,
} from './verdict-words.ts';

export type Bottleneck =
  | 'too-short'
  | 'machine-cpu'
  | 'worker-cpu'
  | 'throttling'
  | 'slots'
  | 'server'
  | 'server-redis'
  | 'server-disk'
  | 'network'
  | 'fetch'
  | 'generator'
  | 'api'
  | 'batcher'
  | 'offered-rate'
  | 'unclear';

export interface Verdict {
  bottleneck: Bottleneck;
  evidence: string[];
  /** The next thing to try, a command where there is one. */
  advice: string;
  /** What more machinery would do. */
  scaling: Scaling;
}

/** What a rule has to say. */
export type Found = Omit<Verdict, 'scaling'>;

/** null: it has nothing to say. */
export type Rule = (m: Measurements) => Found | null;

const tooShort: Rule = (m) => {
  if (m.completed === 0) {
    return {
      bottleneck: 'unclear',
      evidence: ['no job was completed'],
      advice: m.settings.ownWorker
        ? 'just doctor'
        : 'look at what the worker says: just worker-logs, where it was started',
    };
  }
  if (m.activeS >= 1) return null;
  return {
    bottleneck: 'too-short',
    evidence: [
      `it was over in ${Math.max(1, Math.round(m.activeS * 1000))} ms, too soon for a steady rate (1 s at least)`,
    ],
    advice: perfTestFor(m.settings, 10) ?? `${again(m)} (about 10 s at this rate)`,
  };
};

/** The job server's container at its CPU quota, and held back more than the workers: all others wait for it. */
const serverCapped: Rule = (m) => {
  const { server, workers } = m.cpu;
  // One thread at the one core that it can use is no matter of its quota.
  if (server.throttledShare == null || (server.oneThread && (server.capCores ?? 1) >= 1)) return null;
  if ((shareOf(server) ?? 0) < full && server.throttledShare < oftenThrottled) return null;
  if ((workers.throttledShare ?? 0) > server.throttledShare) return null;
  return {
    bottleneck: 'server',
    evidence: [
      cpuEvidence('server', server),
      `the server was throttled in ${percent(server.throttledShare)} of the periods`,
      cpuEvidence('workers', workers),
      ...(m.depth ? [`the queue held up to ${count(m.depth.max)} jobs`] : []),
    ],
    advice: moreServer(m),
  };
};

const throttled: Rule = (m) => {
  const { throttledShare, capCores, hostCores } = m.cpu.workers;
  if (throttledShare == null || throttledShare < 0.1) return null;
  // With all cores of their hosts there is no quota to raise: that is the ceiling.
  const wholeHost = capCores !== null && hostCores != null && capCores >= hostCores;
  // Threads that use all of it get a little beyond now and then: no more than that is a worker at its cap.
  const atCap = (shareOf(m.cpu.workers) ?? 0) >= full && throttledShare < mostlyThrottled;
  return {
    bottleneck: wholeHost || atCap ? 'worker-cpu' : 'throttling',
    evidence: [
      `workers were throttled in ${percent(throttledShare)} of the periods`,
      cpuEvidence('workers', m.cpu.workers),
    ],
    advice: moreCpus(m),
  };
};

const slotsBusy: Rule = (m) => {
  const share = shareOf(m.cpu.workers);
  if (m.slots === null || m.slotsBusyShare === null || m.slotsBusyShare < 0.85 || (share ?? 0) >= full) return null;
  const evidence = [`${percent(m.slotsBusyShare)} of ${count(m.slots)} slots were in handlers`];
  if (m.serviceMeanUs) {
    const bound = count(m.slots / (m.serviceMeanUs / 1e6));
    evidence.push(
      `handlers took ${(m.serviceMeanUs / 1000).toFixed(1)} ms on average: slots / service time is ${bound} jobs/s`,
    );
  }
  return { bottleneck: 'slots', evidence: [...evidence, cpuEvidence('workers', m.cpu.workers)], advice: moreSlots(m) };
};

const workerCpu: Rule = (m) => {
  const share = shareOf(m.cpu.workers);
  if (share === null || share < full) return null;
  const evidence = [cpuEvidence('workers', m.cpu.workers), 'that is the ceiling: more slots will not help'];
  return { bottleneck: 'worker-cpu', evidence, advice: moreCpus(m) };
};

/** All parts on one machine and its cores used up: no part reaches its own cap, since they take the cores from each other. */
const machineCpu: Rule = (m) => machineFull(m, full);

/** When no other rule has anything to say: parts that wait for each other leave a little of a machine unused. */
const machineNearly: Rule = (m) => machineFull(m, busySingle);

function machineFull(m: Measurements, from: number): Found | null {
  if (!m.local || m.machineUsedCores === null || m.machineUsedCores < from * m.machineCpus) return null;
  const parts = Object.entries(m.cpu) as [string, CpuShare][];
  const own = parts.reduce((sum, [, cpu]) => sum + (cpu.usedCores ?? 0), 0);
  const others = Math.max(0, m.machineUsedCores - own);
  return {
    bottleneck: 'machine-cpu',
    evidence: [
      `${m.machineUsedCores.toFixed(2)} of this machine's ${m.machineCpus} cores were in use`,
      ...parts.filter(([, cpu]) => cpu.usedCores !== null).map(([name, cpu]) => cpuEvidence(name, cpu)),
      ...(others >= 0.2 ? [`programs that are no part of the run used ${others.toFixed(2)} cores`] : []),
    ],
    advice:
      others > own && m.cpu.server.usedCores !== null // else the server itself may be among them
        ? 'measure again when the other programs leave this machine its cores'
        : 'put the worker on another host: just server here, FAKTORY_SERVER_IP=<this host> just worker there',
  };
}

/** The queue was deep, yet workers had slots and CPU to spare: jobs did not come out of the server fast enough. */
const queueDeep: Rule = (m) => {
  if (m.measured === 'enqueue' || m.depth?.deepShare == null || m.depth.deepShare < 0.5) return null;
  const slope = m.depth.slopePerS;
  const grew = slope !== null && slope > 0.05 * (m.completePerS ?? 0);
  const evidence = [
    `the queue held up to ${count(m.depth.max)} jobs${grew ? ` and grew by ${count(slope)} a second` : ''}`,
    cpuEvidence('server', m.cpu.server),
    cpuEvidence('workers', m.cpu.workers),
  ];
  const bound = fetchBound(m);
  // Slots that spent their time in round trips clear a server of which nothing is known.
  const inTrips = bound !== null && (m.completePerS ?? 0) >= 0.4 * bound.perS;
  if (isBusy(m.cpu.server) || (shareOf(m.cpu.server) === null && !inTrips)) {
    return { bottleneck: 'server', evidence, advice: moreServer(m) };
  }
  evidence.push('server and workers had CPU to spare: FETCH round trips held the rate down');
  if (bound) evidence.push(bound.text);
  return { bottleneck: 'fetch', evidence, advice: moreSlots(m) };
};

/** Jobs waited, and so many slots in such handlers and round trips take no more: whatever else is busy, that is the limit. */
const inRoundTrips: Rule = (m) => {
  const bound = fetchBound(m);
  if (!bound || (m.depth?.deepShare ?? 0) < 0.5 || (m.completePerS ?? 0) < 0.7 * bound.perS) return null;
  const evidence = [bound.text, cpuEvidence('server', m.cpu.server), cpuEvidence('workers', m.cpu.workers)];
  const handlers = (m.serviceMeanUs ?? 0) > (m.roundTripUs ?? 0);
  return { bottleneck: handlers ? 'slots' : 'fetch', evidence, advice: moreSlots(m) };
};

const rules: readonly Rule[] = [
  tooShort,
  serverCapped,
  throttled,
  slotsBusy,
  workerCpu,
  offered,
  generatorCapped,
  networkFull,
  serverRedis,
  serverDisk,
  inRoundTrips,
  machineCpu,
  enqueueOnly,
  queueDeep,
  starved,
  machineNearly,
];

/** Of one snapshot, or of a whole run. */
export function judge(m: Measurements): Verdict {
  const found = find(m);
  return { ...found, scaling: scalingOf(found.bottleneck, m) };
}

function find(m: Measurements): Found {
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
    advice: `a longer run says more: ${longer(m)}`,
  };
}
