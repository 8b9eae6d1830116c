// The batches of a cluster's api-services, as they are turned while those run. Invariant: what was in force when it was opened can be put
// back, so that an api-service that goes on does so as it was.

import { JobstormError } from '@jobstorm/protocol';
import type { ApiSettings } from '@jobstorm/telemetry';
import type { Cluster } from './cluster.ts';

export type BatchSizes = Partial<Pick<ApiSettings, 'batchMaxSize' | 'batchMaxDelayMs'>>;

export class Batches {
  readonly #room: Cluster['room'];
  /** By group of an api-service. */
  readonly #before: ReadonlyMap<string, BatchSizes>;

  private constructor(room: Cluster['room'], before: ReadonlyMap<string, BatchSizes>) {
    this.#room = room;
    this.#before = before;
  }

  static async open({ room }: Pick<Cluster, 'room'>): Promise<Batches> {
    const before = new Map<string, BatchSizes>();
    for (const { hello } of await room.apis()) {
      if (before.has(hello.group)) continue;
      const { inForce } = await room.configure(hello.group, {});
      const { batchMaxSize, batchMaxDelayMs } = inForce as ApiSettings;
      if (batchMaxSize === undefined || batchMaxDelayMs === undefined) continue; // one of an older version, which tells less
      before.set(hello.group, { batchMaxSize, batchMaxDelayMs });
    }
    return new Batches(room, before);
  }

  /** Api-services that can be turned. */
  get count(): number {
    return this.#before.size;
  }

  /** Settles when it is in force in all of them. @throws JobstormError ESETTING when one refuses */
  async turn(wanted: BatchSizes): Promise<void> {
    await Promise.all([...this.#before.keys()].map((group) => this.#configure(group, wanted)));
  }

  /** @throws JobstormError ESETTING when one refuses */
  async putBack(): Promise<void> {
    await Promise.all([...this.#before].map(([group, before]) => this.#configure(group, before)));
  }

  async #configure(group: string, wanted: BatchSizes): Promise<void> {
    const { refusal } = await this.#room.configure(group, wanted);
    if (refusal !== null)
      throw new JobstormError('ESETTING', `an api-service refused ${JSON.stringify(wanted)}: ${refusal}`);
  }
}
