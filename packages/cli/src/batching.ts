// `--batching`: what takes turns for it, and what it found, for people. Batches are turned off and on in api-services that run, by way of the
// control room, so that nothing is started again between turns; theirs is put back after the last one.

import { batchingSentence, type RunResult } from '@jobstorm/loadtest';
import { JobstormError } from '@jobstorm/protocol';
import { Batches } from './batches.ts';
import type { Cluster } from './cluster.ts';
import type { PerfTestConfig } from './config.ts';

const defaultRepeats = 5;
const each = { batchMaxSize: 1 };
const turnName = 'BATCH_MAX_SIZE=1';

/** The settings as they are; with each job alone take turns with them. */
export function withBatching(config: PerfTestConfig): PerfTestConfig {
  const { repeats } = config.values;
  const on = { ...config, values: { ...config.values, repeats: repeats > 1 ? repeats : defaultRepeats } };
  return { ...on, turns: [{ name: turnName, config: { ...on, batchesOff: true } }] };
}

/** Turns batches off for the turns that ask for it. */
export class BatchSwitch {
  readonly #batches: Batches;
  #isOff = false;

  private constructor(batches: Batches) {
    this.#batches = batches;
  }

  /** @throws JobstormError EAPI when no api-service can be turned from here */
  static async open(cluster: Pick<Cluster, 'room' | 'apiUrl'>): Promise<BatchSwitch> {
    const batches = await Batches.open(cluster);
    if (batches.count === 0)
      throw new JobstormError(
        'EAPI',
        `--batching turns batches off by way of the control room, but no api-service reports to it: start the one at ${cluster.apiUrl} with --control`,
      );
    return new BatchSwitch(batches);
  }

  /** @throws JobstormError ESETTING when an api-service refuses */
  async turn({ batchesOff = false }: PerfTestConfig): Promise<void> {
    if (batchesOff === this.#isOff) return;
    this.#isOff = batchesOff;
    await (batchesOff ? this.#batches.turn(each) : this.#batches.putBack());
  }

  /** As it was before. Never rejects: an api-service that has gone has nothing to put back. */
  async close(): Promise<void> {
    if (this.#isOff) await this.#batches.putBack().catch(() => {});
    this.#isOff = false;
  }
}

function sideOf({ latencyUs, throughput }: Pick<RunResult, 'latencyUs' | 'throughput'>) {
  return { waitP50Us: latencyUs.batchWait?.p50 ?? null, perS: throughput.completePerS };
}

/** What batches cost and bought, by runs that took turns without them. null: no such runs were made. */
export function batchingFinding(result: RunResult): string | null {
  const alone = result.against?.find(({ flags }) => flags === turnName);
  if (!alone) return null;
  const sentence = batchingSentence(sideOf(result), sideOf(alone));
  if (sentence === null) return 'what batches cost and bought was not measured';
  const judged = alone.comparison.figures.find(({ path }) => path === 'throughput.completePerS')?.finding ?? null;
  if (judged === 'same') return `${sentence}, which is within the noise of these runs`;
  return judged === null ? `${sentence} (not judged)` : sentence;
}
