// Turns a setting on in a cluster: slots, processes and batches while the parts run, CPUs by another worker, where somebody here can
// start it. Invariants: `turn` settles when all workers tell of the new setting, so that no trial is measured on a mixture; parts that were
// found running can be put back to what they had.

import type { ApiView, WorkerView } from '@jobstorm/dashboard';
import type { Bounds, Setting } from '@jobstorm/loadtest';
import { JobstormError } from '@jobstorm/protocol';
import { Batches } from '../batches.ts';
import type { Cluster } from '../cluster.ts';
import type { Errand } from '../run-command.ts';
import { handFor, type WorkerHand } from './worker-hand.ts';

const inForceWithinMs = 60_000;
const lookEveryMs = 50;

const groupsOf = (parts: readonly (WorkerView | ApiView)[]) => [...new Set(parts.map(({ hello }) => hello.group))];
const pause = () => new Promise((resolve) => setTimeout(resolve, lookEveryMs));

function slotsOf(workers: readonly WorkerView[]): number {
  return workers.reduce((sum, { state }) => sum + state.slots.total, 0);
}

/** What a cluster had before it was tuned. */
interface Before {
  slots: number;
  processes: number;
  cpus: number | null;
  batches: Batches;
}

export class Knobs {
  readonly #cluster: Cluster;
  /** null: CPUs can't be changed from here. */
  readonly #hand: WorkerHand | null;
  /** null: all that is tuned is the tuning's own, and ends with it. */
  readonly #before: Before | null;
  #touched = false;

  private constructor(cluster: Cluster, hand: WorkerHand | null, before: Before | null) {
    this.#cluster = cluster;
    this.#hand = hand;
    this.#before = before;
  }

  static async open(errand: Errand): Promise<Knobs> {
    const { cluster } = errand;
    const hand = await handFor(errand);
    if (cluster.worker && cluster.api) return new Knobs(cluster, hand, null);
    const workers = await cluster.room.workers();
    const batches = await Batches.open(cluster);
    const before = { slots: slotsOf(workers), processes: workers.length, cpus: hand?.cpus ?? null, batches };
    return new Knobs(cluster, hand, before);
  }

  /** Workers that share a setting's slots and CPUs. */
  async workers(): Promise<number> {
    return Math.max(1, groupsOf(await this.#cluster.room.workers()).length);
  }

  /** Jobs go through api-services whose batches are tuned. */
  async hasBatches(): Promise<boolean> {
    return this.#cluster.apiUrl !== null && (await this.#cluster.room.apis()).length > 0;
  }

  /** What can't be changed here, or how it is, for people. */
  get notes(): string[] {
    if (this.#hand) return this.#hand.note === null ? [] : [this.#hand.note];
    return ['CPUs stay as they are: the workers were not started by this checkout on this host, or there are several'];
  }

  /** The bounds that this cluster leaves: workers that nobody here can start keep their CPUs, and without an api-service in between there are no batches. */
  async bounds(wanted: Bounds): Promise<Bounds> {
    const { room } = this.#cluster;
    let bounds = wanted;
    if (!this.#hand) {
      const workers = await room.workers();
      const caps = new Map(workers.map(({ hello }) => [hello.group, hello.capCores ?? 1]));
      const cpus = [...caps.values()].reduce((sum, cap) => sum + cap, 0);
      bounds = { ...bounds, cpus: [cpus, cpus], processes: [caps.size, Math.max(caps.size, Math.ceil(cpus))] };
    }
    if (await this.hasBatches()) return bounds;
    return { ...bounds, batchSize: [100, 100], batchDelayMs: [100, 100] };
  }

  /**
   * `isAlone`: processes that leave have gone, too. Without load that can take them seconds.
   * @throws JobstormError ETUNE when a part refuses the setting, or does not tell of it in time
   */
  async turn(setting: Setting, isAlone: boolean, isOff: () => boolean): Promise<void> {
    const { room } = this.#cluster;
    this.#touched = true;
    const hand = this.#hand;
    if (hand && (setting.cpus !== hand.cpus || hand.isGone())) await hand.replace(setting);
    const groups = await this.#groupsThere(isOff);
    const { slots, processes, batchSize: batchMaxSize, batchDelayMs: batchMaxDelayMs } = setting;
    const share = (total: number, at: number) => Math.max(1, Math.floor((total + at) / groups.length));
    const apis = (await this.hasBatches()) ? groupsOf(await room.apis()) : [];
    await Promise.all([
      ...groups.map((group, at) =>
        this.#configure(group, { slots: share(slots, at), processes: share(processes, at) }),
      ),
      ...apis.map((group) => this.#configure(group, { batchMaxSize, batchMaxDelayMs })),
    ]);
    await this.#inForce(setting, isAlone, isOff);
  }

  /** Settings that parts had before, in parts that go on; `tell` hears what is done. Never rejects. */
  async putBack(tell: (line: string) => void): Promise<void> {
    const before = this.#before;
    if (!before || !this.#touched) return;
    tell('putting back the settings that were in force before');
    try {
      const { slots, processes, cpus, batches } = before;
      await batches.putBack();
      if (this.#cluster.worker) return; // it ends with the tuning
      if (this.#hand && cpus !== null && cpus !== this.#hand.cpus) await this.#hand.replace({ slots, cpus });
      const groups = groupsOf(await this.#cluster.room.workers());
      const share = (total: number, at: number) => Math.max(1, Math.floor((total + at) / groups.length));
      for (const [at, group] of groups.entries())
        await this.#configure(group, { slots: share(slots, at), processes: share(processes, at) });
    } catch (error) {
      tell(`that failed: ${(error as Error).message}; just worker-set shows what is in force`);
    }
  }

  /** Groups of the workers; one that was killed gets time to be started again. */
  async #groupsThere(isOff: () => boolean): Promise<string[]> {
    const untilMs = performance.now() + inForceWithinMs;
    for (;;) {
      const groups = groupsOf(await this.#cluster.room.workers());
      if (groups.length > 0 || isOff()) return groups;
      if (performance.now() > untilMs)
        throw new JobstormError('ETUNE', 'no worker is there to be tuned: start one (just worker)');
      await pause();
    }
  }

  async #configure(group: string, wanted: object): Promise<void> {
    const { refusal } = await this.#cluster.room.configure(group, wanted);
    if (refusal !== null) throw new JobstormError('ETUNE', `a part refused ${JSON.stringify(wanted)}: ${refusal}`);
  }

  /** Settles when all workers have these slots and processes. @throws JobstormError ETUNE when that takes too long */
  async #inForce({ slots, processes }: Setting, isAlone: boolean, isOff: () => boolean): Promise<void> {
    const untilMs = performance.now() + inForceWithinMs;
    for (;;) {
      await this.#cluster.room.poll();
      const all = await this.#cluster.room.workers();
      const workers = groupsOf(all).length;
      const there = all.filter(({ state }) => state.connected && state.state === 'running');
      const total = slotsOf(there);
      const isThere = there.length === Math.max(processes, workers) && Math.abs(total - slots) < workers;
      if (isThere && (!isAlone || there.length === all.length)) return;
      if (isOff()) return;
      if (this.#hand?.isGone()) return; // the trial will say so
      if (performance.now() > untilMs) {
        const seen = `${there.length} processes with ${total} slots`;
        throw new JobstormError(
          'ETUNE',
          `workers tell of ${seen} a minute after ${processes} with ${slots} were asked for`,
        );
      }
      await pause();
    }
  }
}
