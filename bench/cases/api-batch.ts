// How many jobs a second the api-service takes by POST /jobs/batch and hands to server-node: an answer means that they are
// held. Once with items as the README shows them, and once with the options and `custom` that a run's jobs carry.

import { type BenchCase, readingOf, type Side } from '../case.ts';
import { onceEach, postBytes, runHttpLoad } from '../http-load.ts';
import { Nest } from '../nest.ts';
import { cpuUs } from '../proc.ts';

const size = 1000;
const warmUpRequests = 30;
const inFlight = 4;
const plain = 'type and args';
const ofARun = 'as perf-test sends';

/** What an item has besides type and args when perf-test sends it. */
const optionsOfARun = (seq: number) =>
  `,"custom":{"run":"bench","seq":${seq},"due":${Date.now()}000},"queue":"jobstorm","retry":0,"reserve_for":60`;

function prepareRequests(count: number, options: (seq: number) => string): Buffer[] {
  return Array.from({ length: count }, (_, request) => {
    const items: string[] = [];
    for (let seq = request * size; seq < (request + 1) * size; seq++) {
      items.push(`{"type":"add","args":{"a":${seq},"b":2}${options(seq)}}`);
    }
    return postBytes('/jobs/batch', `{"jobs":[${items.join(',')}]}`);
  });
}

function measure(requests: readonly Buffer[]): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node');
    const api = await nest.api(server);
    const load = { port: api.port, connections: inFlight, mustSay: `"total_enqueued":${size}` };
    await runHttpLoad({ ...load, next: onceEach(requests.slice(0, warmUpRequests)) });
    const [apiBeforeUs, serverBeforeUs] = [cpuUs(api.pids), server.cpuUs()];
    const { answered, tookMs } = await runHttpLoad({ ...load, next: onceEach(requests.slice(warmUpRequests)) });
    const jobs = answered * size;
    return {
      jobsPerS: (jobs / tookMs) * 1000,
      apiUs: (cpuUs(api.pids) - apiBeforeUs) / jobs,
      serverUs: (server.cpuUs() - serverBeforeUs) / jobs,
    };
  });
}

export const apiBatch: BenchCase = {
  name: 'api-batch',
  about: 'POST /jobs/batch of 1,000, 4 requests at one time, accepted by server-node',
  realFaktory: 'unused',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'apiUs', title: 'api us/job', digits: 2 },
    { key: 'serverUs', title: 'server us/job', digits: 2 },
  ],
  figures: [
    {
      what: 'accepted, type and args',
      value: readingOf(plain, 'jobsPerS'),
      digits: 0,
      unit: ' jobs/s',
      atLeast: 150_000,
    },
    { what: 'accepted, as perf-test sends', value: readingOf(ofARun, 'jobsPerS'), digits: 0, unit: ' jobs/s' },
  ],
  async sides({ count }): Promise<Side[]> {
    const requests = warmUpRequests + count(600, 100);
    const plainRequests = prepareRequests(requests, () => '');
    const requestsOfARun = prepareRequests(requests, optionsOfARun);
    return [
      { name: plain, run: () => measure(plainRequests) },
      { name: ofARun, run: () => measure(requestsOfARun) },
    ];
  },
};
