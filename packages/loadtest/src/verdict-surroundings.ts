// Rules of the verdict on what lies around the parts: the network between them, what the job server itself waits for, and the
// bound that round trips set.

import { withApiSetting } from './advice.ts';
import type { Measurements } from './measurements.ts';
import { again } from './next-step.ts';
import type { Rule } from './verdict.ts';
import { busySingle, count, cpuEvidence, full, isBusy, percent, shareOf } from './verdict-words.ts';

/** Of what a link carries: headers and the way back take the rest. */
const linkFull = 0.8;
const diskBusy = 0.8;

/** The link of this host full: nothing else can be at fault that still has CPU. */
export const networkFull: Rule = (m) => {
  const { network } = m;
  if (!network || network.usedMbit < linkFull * network.capMbit) return null;
  const share = percent(network.usedMbit / network.capMbit);
  return {
    bottleneck: 'network',
    evidence: [
      `${network.name} carried ${network.usedMbit.toFixed(0)} of ${network.capMbit} Mbit/s (${share})`,
      cpuEvidence('server', m.cpu.server),
      cpuEvidence('workers', m.cpu.workers),
    ],
    advice:
      m.via === 'direct'
        ? `larger batches: ${again(m, { via: 'batch' })}`
        : withApiSetting(m.settings, 'BATCH_MAX_SIZE=500', again(m)),
  };
};

/** The job server's Redis, where it can be told apart, at the core that it can use. */
export const serverRedis: Rule = (m) => {
  const used = m.serverInside?.redisCores ?? null;
  const cap = Math.min(1, m.serverInside?.redisCapCores ?? 1);
  if (used === null || used < busySingle * cap) return null;
  const grant = cap < 1 ? `${cap.toFixed(2)} cores that it is granted` : '1 core that it can use';
  return {
    bottleneck: 'server-redis',
    evidence: [
      `the server's Redis used ${used.toFixed(2)} of the ${grant}`,
      cpuEvidence('server', m.cpu.server),
      ...(m.depth ? [`the queue held up to ${count(m.depth.max)} jobs`] : []),
    ],
    advice:
      cap < 1
        ? 'give the Redis of the server more CPU: it is one thread and takes up to 1 core'
        : 'Redis is one thread: several servers side by side, or a host with a faster core',
  };
};

/** The job server found waiting for its disk, while it and the workers had CPU to spare. */
export const serverDisk: Rule = (m) => {
  const { diskWaitShare = null, diskBusyShare = null } = m.serverInside ?? {};
  const waits = diskWaitShare !== null && diskWaitShare >= diskBusy;
  if (!waits && (diskBusyShare === null || diskBusyShare < diskBusy)) return null;
  if (isBusy(m.cpu.server) || (shareOf(m.cpu.workers) ?? 1) >= full) return null;
  return {
    bottleneck: 'server-disk',
    evidence: [
      waits
        ? `the server waited for its disk ${percent(diskWaitShare)} of the time`
        : `the server's disk was busy ${percent(diskBusyShare!)} of the time`,
      ...(m.pushP50Us ? [`a PUSHB took ${(m.pushP50Us / 1000).toFixed(1)} ms at p50`] : []),
      cpuEvidence('server', m.cpu.server),
    ],
    advice: 'a faster disk for the server, or fewer syncs (server-node: --fsync interval; Redis: appendfsync everysec)',
  };
};

/** So many slots in round trips of that length can take no more jobs, however fast everybody is. */
export function fetchBound(m: Measurements): { perS: number; text: string } | null {
  if (m.slots === null || !m.roundTripUs || m.serviceMeanUs === null) return null;
  const perS = m.slots / ((m.roundTripUs + m.serviceMeanUs) / 1e6);
  const [trip, service] = [m.roundTripUs, m.serviceMeanUs].map((us) => (us / 1000).toFixed(1));
  const text = `${count(m.slots)} slots / (handlers of ${service} ms and round trips of ${trip} ms) are ${count(perS)} jobs/s at most`;
  return { perS, text };
}
