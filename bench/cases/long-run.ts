// Half an hour's work in a minute or two: 10 million jobs through one worker process, its memory read meanwhile. The queue is kept
// between empty and full. What counts is whether memory goes on rising once all is warm: a straight line through the readings of the
// second half, beside how far they lie from it.

import { setTimeout as sleep } from 'node:timers/promises';
import { fillQueue, type JobShape, serverCounts } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { rssBytes } from '../proc.ts';

const side = '6,000 slots';
const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
const chunk = 100_000;
const deepest = 300_000;

interface Point {
  million: number;
  mb: number;
}

/** Least squares; `noise` is how far readings lie from the line (standard deviation), `error` that of the slope. */
function lineThrough(points: readonly Point[]) {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [meanX, meanY] = [mean(points.map(({ million }) => million)), mean(points.map(({ mb }) => mb))];
  let [xx, xy] = [0, 0];
  for (const { million, mb } of points) {
    xx += (million - meanX) ** 2;
    xy += (million - meanX) * (mb - meanY);
  }
  const slope = xy / xx;
  const rest = points.map(({ million, mb }) => (mb - meanY - slope * (million - meanX)) ** 2);
  const noise = Math.sqrt(rest.reduce((a, b) => a + b, 0) / (points.length - 2));
  return { slope, noise };
}

function measure(jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node');
    const [pushes, asks] = [await nest.connection(server), await nest.connection(server)];
    const worker = await nest.part('worker', '6000', '1', '--url', server.url);
    const pid = worker.pids[1]!;
    const points: Point[] = [];
    const startMs = performance.now();
    for (let pushed = 0, processed = 0; processed < jobs; ) {
      if (pushed < jobs && pushed - processed < deepest) {
        const more = Math.min(chunk, jobs - pushed);
        await fillQueue(pushes, shape, more, pushed);
        pushed += more;
      } else await sleep(20);
      ({ processed } = await serverCounts(asks));
      if (processed > jobs / 2 && pushed < jobs) points.push({ million: processed / 1e6, mb: rssBytes(pid) / 1e6 });
    }
    const seconds = (performance.now() - startMs) / 1000;
    const { slope, noise } = lineThrough(points);
    const rise = slope * (points.at(-1)!.million - points[0]!.million);
    return { jobsPerS: jobs / seconds, endMb: points.at(-1)!.mb, slope, noise, riseOverNoise: rise / noise };
  });
}

export const longRun: BenchCase = {
  name: 'long-run',
  about: '10,000,000 recorded no-op jobs through one worker process: whether its memory goes on rising',
  realFaktory: 'unused',
  mostRounds: 1,
  columns: [
    { key: 'jobsPerS', title: 'jobs/s, pushing included', digits: 0 },
    { key: 'endMb', title: 'RSS at the end, MB', digits: 1 },
    { key: 'slope', title: 'MB per million jobs', digits: 3 },
    { key: 'noise', title: 'readings off the line by, MB', digits: 2 },
  ],
  figures: [
    {
      what: 'rise of RSS over 5 million jobs, over the noise of its readings',
      value: readingOf(side, 'riseOverNoise'),
      digits: 2,
      unit: 'x',
      atMost: 1,
    },
  ],
  async sides({ count }): Promise<Side[]> {
    return [{ name: side, run: () => measure(count(10_000_000, 1_000_000)) }];
  },
};
