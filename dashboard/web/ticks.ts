// Round numbers along an axis. Pure.

/** From 0 to `top`, `count` steps, roughly, of 1, 2 or 5 times a power of ten. */
export function roundTicks(top: number, count: number): number[] {
  if (!(top > 0)) return [0];
  const rough = top / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999)!;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, at) => at * step);
}

/** 1, 2 and 5 times powers of ten between these two, for a logarithmic axis. */
export function decadeTicks(least: number, most: number): number[] {
  const ticks: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(least)); power <= most; power *= 10)
    for (const factor of [1, 2, 5]) if (factor * power >= least && factor * power <= most) ticks.push(factor * power);
  return ticks;
}
