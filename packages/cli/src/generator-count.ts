// How many processes it takes to submit at a rate. `just bench pacing` shows what one process sends on time.

import { availableParallelism } from 'node:os';
import type { LoadModel, RunPlan, Via } from '@jobstorm/loadtest';

/** Jobs a second that are left to one process: careful figures, since another process costs little. */
const onTimePerS: Record<Via, number> = { batch: 100_000, direct: 100_000, api: 5000 };

/** The highest rate that a load model asks for; null: none, or all at once. */
function peakPerS(load: LoadModel): number | null {
  switch (load.kind) {
    case 'rate':
      return load.ratePerS;
    case 'ramp':
      return Math.max(...load.stages.flatMap(({ fromPerS, toPerS }) => [fromPerS, toPerS]));
    default:
      return null;
  }
}

/** At most one for each core, since more would only take them from each other. */
export function generatorsFor({ load, via }: Pick<RunPlan, 'load' | 'via'>, cores = availableParallelism()): number {
  const perS = peakPerS(load);
  return perS === null ? 1 : Math.max(1, Math.min(cores, Math.ceil(perS / onTimePerS[via])));
}
