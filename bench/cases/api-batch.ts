// How many jobs a second the api-service takes by POST /jobs/batch and hands to server-node: an answer means that they are held.

import { type BenchCase, readingOf, type Side } from '../case.ts';
import { onceEach, postBytes, runHttpLoad } from '../http-load.ts';
import { Nest } from '../nest.ts';
import { cpuUs } from '../proc.ts';

const size = 1000;
const warmUpRequests = 30;
const inFlight = 4;

/** Bodies as perf-test sends them. */
function prepareRequests(count: number): Buffer[] {
  return Array.from({ length: count }, (_, request) => {
    const items: string[] = [];
    for (let seq = request * size; seq < (request + 1) * size; seq++) {
      const custom = `{"run":"bench","seq":${seq},"due":${Date.now()}000}`;
      const options = `"custom":${custom},"queue":"jobstorm","retry":0,"reserve_for":60`;
      items.push(`{"type":"add","args":{"a":${seq},"b":2},${options}}`);
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
  figures: [{ what: 'accepted', value: readingOf('api', 'jobsPerS'), digits: 0, unit: ' jobs/s', atLeast: 150_000 }],
  async sides({ count }): Promise<Side[]> {
    const requests = prepareRequests(warmUpRequests + count(600, 100));
    return [{ name: 'api', run: () => measure(requests) }];
  },
};
