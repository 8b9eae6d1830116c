// Says about once a second what limits a run that goes on, by the latest readings: the same rules as at its end, over the last seconds.
// Invariant: it only looks; what it can't know is null, and the verdict at the run's end owes it nothing.

import { availableParallelism } from 'node:os';
import type { RunPulse } from '@jobstorm/dashboard';
import {
  type DepthSample,
  judgeLive,
  type LiveMoment,
  type RunPlan,
  type RunSettings,
  type SubmitTotals,
  type Verdict,
} from '@jobstorm/loadtest';
import type { Histogram } from '@jobstorm/telemetry';
import type { Cluster } from './cluster.ts';
import { serverSeen } from './host-server.ts';
import { type HostReading, type HostWatch, serverInside } from './host-watch.ts';
import { watchMachine } from './machine.ts';
import { type ContainersMeasured, partsMeasured } from './parts-measured.ts';
import { isThisHost } from './this-host.ts';
import { apiPhasesBetween, type Readings } from './usage-readings.ts';

/** Looks that a verdict is over; they come twice a second. */
const overLooks = 4;
/** One verdict for so many looks. */
const everyLooks = 2;

/** What the command knows of the run. */
export interface LiveSettings {
  workerCpus: number;
  settings: RunSettings;
}

export interface LiveVerdictOptions extends LiveSettings {
  cluster: Cluster;
  plan: RunPlan;
  host: HostWatch;
  totals: SubmitTotals;
  submit: Histogram;
  depths: readonly DepthSample[];
}

interface Look {
  moment: LiveMoment;
  readings: Readings;
  host: HostReading;
  machine: ReturnType<typeof watchMachine>;
}

export class LiveVerdict {
  readonly #o: LiveVerdictOptions;
  readonly #looks: Look[] = [];
  #number = 0;

  constructor(options: LiveVerdictOptions) {
    this.#o = options;
  }

  /** Takes what was just read; the verdict when it is time for one. */
  look(atS: number, readings: Readings, pulse: RunPulse | null, containers: ContainersMeasured): Verdict | null {
    const { host, totals } = this.#o;
    const completed = pulse?.completed ?? 0;
    const moment = { atS, accepted: totals.accepted, completed, service: pulse?.service ?? null };
    const now: Look = { moment, readings, host: host.read(), machine: watchMachine() };
    const from = this.#looks[0];
    this.#looks.push(now);
    if (this.#looks.length > overLooks) this.#looks.shift();
    if (!from || ++this.#number % everyLooks !== 0 || completed === 0) return null;
    return this.#judge(from, now, pulse, containers);
  }

  #judge(from: Look, now: Look, pulse: RunPulse | null, containers: ContainersMeasured): Verdict | null {
    const { cluster, plan, workerCpus, settings, host, submit, depths } = this.#o;
    const { ratePerS, via, measured, jobs } = plan;
    const use = host.since(from.host, now.host);
    const parts = partsMeasured(cluster, from.readings, now.readings, containers, 'the server');
    const server = serverSeen(use.server, parts.server);
    const share = ({ usage, capCores, throttledShare = null, hostCores = null, oneThread = false }: typeof server) => {
      return { usedCores: usage?.usedCores ?? null, capCores, throttledShare, hostCores, oneThread };
    };
    const { batchWait, push } = apiPhasesBetween(from.readings, now.readings);
    const workers = [...now.readings.workers.values()].map(({ view }) => view);
    const workersHere = cluster.worker !== null || workers.every(({ hello }) => isThisHost(hello.host));
    return judgeLive(from.moment, now.moment, depths, {
      ...{ jobs, ratePerS, via, measured, workerCpus, settings },
      slots: workers.length === 0 ? null : workers.reduce((sum, { state }) => sum + state.slots.total, 0),
      batchWaitP50Us: batchWait?.count ? batchWait.percentile(50) : null,
      pushP50Us: push?.count ? push.percentile(50) : null,
      submitP50Us: submit.count > 0 ? submit.percentile(50) : null,
      roundTripUs: pulse?.roundTripUs ?? null,
      network: use.network,
      serverInside: serverInside(use) ?? null,
      cpu: {
        generator: share(parts.generator),
        api: share(parts.api),
        server: share(server),
        workers: share(parts.workers),
      },
      local: workersHere && (cluster.server !== null || isThisHost(cluster.address.host)),
      machineCpus: availableParallelism(),
      machineUsedCores: from.machine(),
    });
  }
}
