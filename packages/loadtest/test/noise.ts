// Noise as runs have it, from a seed: alike from one moment to the next, and another level in each run.

import { seededRandom } from '../src/random.ts';

/** Standard normal values (Box and Muller). */
export function normals(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface NoisyRun {
  /** 100 ms buckets. */
  buckets: number;
  perBucket: number;
  /** Relative standard deviation of a bucket, how alike neighbours are (0 … 1), and of the run's level. */
  within: number;
  alike: number;
  between: number;
}

/** Completions by bucket: a first-order autoregressive process around a level of the run's own. */
export function noisyCounts({ buckets, perBucket, within, alike, between }: NoisyRun, normal: () => number): number[] {
  const level = perBucket * (1 + between * normal());
  let deviation = within * normal();
  return Array.from({ length: buckets }, () => {
    deviation = alike * deviation + within * Math.sqrt(1 - alike ** 2) * normal();
    return Math.max(0, Math.round(level * (1 + deviation)));
  });
}
