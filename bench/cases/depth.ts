// What a long queue costs those who use it: a job is pushed for each one fetched and acknowledged, so that the backlog stays as
// it is, a thousand jobs or a million.

import { expectAllTaken, type JobShape, pushLine } from '../backlog.ts';
import { type BenchCase, ratioFigure, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { workOff } from '../work-off.ts';

const shape: JobShape = { jobtype: 'noop', args: '[]', counted: true };
const depths = { short: 1000, long: 1_000_000 };
const size = 200;
const warmUpJobs = 40_000;

/** Jobs through a server that holds `depth` of them all the time. */
function measure(depth: number, jobs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const { server, connection: producer } = await nest.filled('server-node', shape, depth);
    const worker = await nest.connection(server);
    const [total, firstPush] = [warmUpJobs + jobs, depth];
    let [worked, pushed] = [0, 0];
    let [beganMs, beganUs] = [0, 0];
    const answers: Promise<unknown>[] = [];
    const onJob = () => {
      worked++;
      if (worked === warmUpJobs) [beganMs, beganUs] = [performance.now(), server.cpuUs()];
      if (worked % size !== 0 || pushed + size > total) return;
      producer.send(pushLine(shape, firstPush + pushed, firstPush + pushed + size));
      pushed += size;
      const answer = producer.reply().then(expectAllTaken);
      answer.catch(() => {}); // heard of below, unless the run was ended before
      answers.push(answer);
    };
    await workOff(worker, { jobs: total, window: depths.short / 2, onJob });
    const tookMs = performance.now() - beganMs;
    await Promise.all(answers);
    return { jobsPerS: (jobs / tookMs) * 1000, serverUs: (server.cpuUs() - beganUs) / jobs };
  });
}

export const depth: BenchCase = {
  name: 'depth',
  about: 'server-node: jobs pushed, fetched and acknowledged while 1,000 or 1,000,000 wait',
  realFaktory: 'unused',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
  ],
  figures: [
    ratioFigure({
      what: 'rate with 1,000,000 queued over that with 1,000',
      side: '1,000,000 queued',
      other: '1,000 queued',
      key: 'jobsPerS',
      unit: ' jobs/s',
      digits: 2,
      atLeast: 0.9,
    }),
  ],
  async sides({ count }): Promise<Side[]> {
    const jobs = count(250_000, 100_000);
    return [
      { name: '1,000 queued', run: () => measure(depths.short, jobs) },
      { name: '1,000,000 queued', run: () => measure(count(depths.long, 200_000), jobs) },
    ];
  },
};
