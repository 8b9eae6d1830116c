// Queue depth over a run: samples in, the figures that the verdict and the result need out. Pure.

export interface DepthSample {
  /** Seconds since the run's start. */
  atS: number;
  depth: number;
}

export interface DepthSummary {
  max: number;
  end: number;
  /** Least-squares slope in jobs a second; null with fewer than three samples or less than a second. */
  slopePerS: number | null;
  /** Share of the samples with a queue at least as deep as `deepFrom`; null: no sample. */
  deepShare: number | null;
  samples: number;
}

/** `deepFrom`: the depth from which the workers have something to take at any time. */
export function summariseDepth(samples: readonly DepthSample[], deepFrom: number): DepthSummary | null {
  const last = samples.at(-1);
  if (!last) return null;
  return {
    // Days of samples are more than a call takes arguments.
    max: samples.reduce((most, { depth }) => Math.max(most, depth), 0),
    end: last.depth,
    slopePerS: slopeOf(samples),
    deepShare: samples.filter(({ depth }) => depth >= deepFrom).length / samples.length,
    samples: samples.length,
  };
}

function slopeOf(samples: readonly DepthSample[]): number | null {
  const n = samples.length;
  if (n < 3 || samples[n - 1]!.atS - samples[0]!.atS < 1) return null;
  const meanT = samples.reduce((sum, { atS }) => sum + atS, 0) / n;
  const meanD = samples.reduce((sum, { depth }) => sum + depth, 0) / n;
  let covariance = 0;
  let variance = 0;
  for (const { atS, depth } of samples) {
    covariance += (atS - meanT) * (depth - meanD);
    variance += (atS - meanT) ** 2;
  }
  return variance === 0 ? null : covariance / variance;
}
