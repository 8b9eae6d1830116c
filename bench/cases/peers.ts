// The same no-op jobs through job queues that people use, in turn: how fast each empties a full queue and at what cost, and
// how long a job takes when they come at a rate that all of them can keep.

import type { BenchCase, Readings, Setting, Side } from '../case.ts';
import { NotHere } from '../peers/install.ts';
import { drainPeer, pacePeer } from '../peers/measure.ts';
import { type Peer, peers } from '../peers/peer.ts';

/** Of the Celery and AsyncTasQ comparison. */
const drainJobs = 20_000;
/** server-node is done with that many in a blink: more, so that it is a rate. */
const serverNodeJobs = 400_000;
const openRate = 200;

function present({ realFaktory, note }: Setting): Peer[] {
  return peers.filter((peer) => {
    if (peer.broker === 'real Faktory' && !realFaktory) return false;
    try {
      peer.install();
      return true;
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      note(`${peer.name} is left out: ${error.message}`);
      return false;
    }
  });
}

/** The settings that empty a short queue fastest; a side is measured with those. */
async function bestSettings(setting: Setting): Promise<Map<Peer, string>> {
  const best = new Map<Peer, string>();
  for (const peer of present(setting)) {
    const rates = new Map<string, number>();
    for (const each of peer.settings.length > 1 ? peer.settings : []) {
      rates.set(each, (await drainPeer(peer, each, setting.count(3000, 1000))).jobsPerS);
    }
    const [chosen] = [...rates].sort((a, b) => b[1] - a[1])[0] ?? [peer.settings[0]!];
    best.set(peer, chosen);
    const tried = [...rates].map(([each, rate]) => `${each}: ${Math.round(rate)} jobs/s`).join(', ');
    setting.note(`${peer.name}: ${chosen}${tried && ` (${tried})`}`);
  }
  return best;
}

async function sidesOf(setting: Setting, run: (peer: Peer, chosen: string) => Promise<Readings>): Promise<Side[]> {
  const best = await bestSettings(setting);
  return [...best].map(([peer, chosen]) => ({ name: peer.name, run: () => run(peer, chosen) }));
}

export const peersDrain: BenchCase = {
  name: 'peers',
  about: `${drainJobs} no-op jobs (server-node: ${serverNodeJobs}) queued first, then emptied by one worker, on each of the peers`,
  realFaktory: 'beside',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'enqueuePerS', title: 'enqueued/s', digits: 0 },
    { key: 'workerUs', title: 'worker us/job', digits: 1 },
    { key: 'brokerUs', title: 'broker us/job', digits: 1 },
    { key: 'workerMb', title: 'worker MB', digits: 0 },
  ],
  chart: { key: 'jobsPerS', title: 'Jobs a second, one worker, a full queue (logarithmic)' },
  figures: [],
  sides: (setting) =>
    sidesOf(setting, (peer, chosen) => {
      const jobs = peer.broker.startsWith('server-node') ? serverNodeJobs : drainJobs;
      return drainPeer(peer, chosen, setting.count(jobs, jobs / 10));
    }),
};

export const peersPaced: BenchCase = {
  name: 'peers-latency',
  about: `${openRate} no-op jobs a second for 10 s: from when each was due to the end of its handler, on each of the peers`,
  realFaktory: 'beside',
  columns: [
    { key: 'p50Ms', title: 'p50 ms', digits: 2 },
    { key: 'p95Ms', title: 'p95 ms', digits: 2 },
    { key: 'p99Ms', title: 'p99 ms', digits: 2 },
    { key: 'maxMs', title: 'max ms', digits: 1 },
    { key: 'workerPercent', title: 'worker % of a core', digits: 1 },
  ],
  chart: { key: 'p99Ms', title: 'p99 in ms at 200 jobs a second, due to handled (logarithmic)' },
  figures: [],
  sides: (setting) =>
    sidesOf(setting, (peer, chosen) => pacePeer(peer, chosen, setting.count(10 * openRate, 2 * openRate), openRate)),
};
