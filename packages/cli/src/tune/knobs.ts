// Turns a setting on in a cluster: slots, processes and batches while the parts run, CPUs by another worker, where the worker is the
// tuning's own. Invariant: `turn` settles when all workers tell of the new setting, so that no trial is measured on a mixture.

import type { ApiView, WorkerView } from '@jobstorm/dashboard';
import type { Bounds, Setting } from '@jobstorm/loadtest';
import { JobstormError } from '@jobstorm/protocol';
import type { Cluster } from '../cluster.ts';
import type { PerfTestConfig } from '../config.ts';

const inForceWithinMs = 60_000;
const lookEveryMs = 50;

const groupsOf = (parts: readonly (WorkerView | ApiView)[]) => [...new Set(parts.map(({ hello }) => hello.group))];

export class Knobs {
  readonly #cluster: Cluster;
  readonly #config: PerfTestConfig;
  #cpus: number;

  constructor(cluster: Cluster, config: PerfTestConfig) {
    this.#cluster = cluster;
    this.#config = config;
    this.#cpus = config.workerCpus;
  }

  /** The bounds that this cluster leaves: somebody else's workers keep their CPUs, and without an api-service there are no batches. */
  async bounds(wanted: Bounds): Promise<Bounds> {
    const { worker, room } = this.#cluster;
    let bounds = wanted;
    if (!worker) {
      const workers = await room.workers();
      const caps = new Map(workers.map(({ hello }) => [hello.group, hello.capCores ?? 1]));
      const cpus = [...caps.values()].reduce((sum, cap) => sum + cap, 0);
      bounds = { ...bounds, cpus: [cpus, cpus], processes: [caps.size, Math.max(caps.size, Math.ceil(cpus))] };
    }
    if ((await room.apis()).length > 0) return bounds;
    return { ...bounds, batchSize: [100, 100], batchDelayMs: [100, 100] };
  }

  /** @throws JobstormError ETUNE when a part refuses the setting, or does not tell of it in time */
  async turn(setting: Setting, isOff: () => boolean): Promise<void> {
    const { room, worker } = this.#cluster;
    if (worker && setting.cpus !== this.#cpus) {
      const values = { ...this.#config.values, concurrency: setting.slots, cpus: setting.cpus };
      await this.#cluster.replace({ ...this.#config, values, workerCpus: setting.cpus });
      this.#cpus = setting.cpus;
    }
    const groups = groupsOf(await room.workers());
    if (groups.length === 0)
      throw new JobstormError('ETUNE', 'no worker is there to be tuned: start one (just worker)');
    const share = (total: number, at: number) => Math.max(1, Math.floor((total + at) / groups.length));
    await Promise.all(
      groups.map((group, at) =>
        this.#configure(group, { slots: share(setting.slots, at), processes: share(setting.processes, at) }),
      ),
    );
    const { batchSize: batchMaxSize, batchDelayMs: batchMaxDelayMs } = setting;
    const apis = groupsOf(await room.apis());
    await Promise.all(apis.map((group) => this.#configure(group, { batchMaxSize, batchMaxDelayMs })));
    await this.#inForce(setting, groups.length, isOff);
  }

  async #configure(group: string, wanted: object): Promise<void> {
    const { refusal } = await this.#cluster.room.configure(group, wanted);
    if (refusal !== null) throw new JobstormError('ETUNE', `a part refused ${JSON.stringify(wanted)}: ${refusal}`);
  }

  async #inForce({ slots, processes }: Setting, workers: number, isOff: () => boolean): Promise<void> {
    const untilMs = performance.now() + inForceWithinMs;
    const wanted = Math.max(processes, workers);
    for (;;) {
      await this.#cluster.room.poll();
      const there = (await this.#cluster.room.workers()).filter(
        ({ state }) => state.connected && state.state === 'running',
      );
      const total = there.reduce((sum, { state }) => sum + state.slots.total, 0);
      if (there.length === wanted && Math.abs(total - slots) < workers) return;
      if (isOff()) return;
      if (performance.now() > untilMs) {
        const seen = `${there.length} processes with ${total} slots`;
        throw new JobstormError(
          'ETUNE',
          `workers tell of ${seen} a minute after ${wanted} with ${slots} were asked for`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }
}
