// Latencies as a percentile distribution in HdrHistogram's text format (.hgrm), which its plotters read: in milliseconds, five steps for each
// half of the distance that is left to 100%. Pure.

import type { Histogram } from '@jobstorm/telemetry';

const ticksPerHalf = 5;
/** Of the layout: values below 2,048 us have a bucket each, every doubling above has half as many. */
const footer = { buckets: 32, subBuckets: 2048 } as const;

const withDigits = (digits: number) =>
  new Intl.NumberFormat('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: false,
  });
const [two, three, twelve] = [2, 3, 12].map(withDigits) as [Intl.NumberFormat, Intl.NumberFormat, Intl.NumberFormat];
const ms = (us: number): string => three.format(us / 1000).padStart(12);

/** The next level after `percent`: the steps halve each time that half of the distance to 100 is crossed. */
function nextLevel(percent: number): number {
  const ticks = ticksPerHalf * 2 ** (Math.floor(Math.log2(100 / (100 - percent))) + 1);
  return percent + 100 / ticks;
}

function levelLines(histogram: Histogram): string[] {
  const lines: string[] = [];
  let level = 0;
  let seen = 0;
  let lastUs = 0;
  const line = (us: number, percent: number) =>
    `${ms(us)} ${twelve.format(percent / 100)} ${String(seen).padStart(10)}${percent < 100 ? ` ${two.format(1 / (1 - percent / 100)).padStart(14)}` : ''}`;
  for (const { highestUs, count } of histogram.buckets()) {
    seen += count;
    lastUs = highestUs;
    while ((100 * seen) / histogram.count >= level) {
      lines.push(line(highestUs, level));
      level = nextLevel(level);
      if (seen === histogram.count) break;
    }
  }
  if (seen > 0) lines.push(line(lastUs, 100));
  return lines;
}

/** Of the buckets' middles, as the format has it. */
function spread(histogram: Histogram): { mean: number; deviation: number } {
  let sum = 0;
  const middles: [value: number, count: number][] = [];
  for (const { lowestUs, highestUs, count } of histogram.buckets()) {
    const middle = lowestUs + Math.floor((highestUs - lowestUs + 1) / 2);
    middles.push([middle, count]);
    sum += middle * count;
  }
  const mean = histogram.count === 0 ? 0 : sum / histogram.count;
  const squares = middles.reduce((all, [value, count]) => all + (value - mean) ** 2 * count, 0);
  return { mean, deviation: histogram.count === 0 ? 0 : Math.sqrt(squares / histogram.count) };
}

/** The whole file. */
export function hgrmText(histogram: Histogram): string {
  const { mean, deviation } = spread(histogram);
  const whole = (value: number): string => String(value).padStart(12);
  return [
    '       Value     Percentile TotalCount 1/(1-Percentile)',
    '',
    ...levelLines(histogram),
    `#[Mean    = ${ms(mean)}, StdDeviation   = ${ms(deviation)}]`,
    `#[Max     = ${ms(histogram.max)}, Total count    = ${whole(histogram.count)}]`,
    `#[Buckets = ${whole(footer.buckets)}, SubBuckets     = ${whole(footer.subBuckets)}]`,
    '',
  ].join('\n');
}
