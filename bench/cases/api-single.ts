// What a single POST /jobs/add costs on top of Fastify itself: schema, batcher, PUSHB and the job server's answer, against a bare
// route that returns a constant. Both are warm when the count begins. A ratio above 1 is no mistake: the bare route answers each
// request as it is read, while the answers of a batch leave together, which wakes both ends less often. A bare route that answers
// all that waits in one turn of the event loop gains as much.

import { type BenchCase, ratioOf, readingOf, type Setting, type Side } from '../case.ts';
import { forDuration, postBytes, runHttpLoad } from '../http-load.ts';
import { Nest } from '../nest.ts';
import type { Part } from '../part.ts';
import { cpuUs } from '../proc.ts';

const ours = 'api-service';
const bare = 'bare Fastify route';
const connections = 64;
const requests = Array.from({ length: 100 }, (_, a) => postBytes('/jobs/add', `{"a":${a},"b":2}`));

async function measurePart(part: Part, { count }: Setting): Promise<Record<string, number>> {
  const load = { port: part.port, connections, mustSay: '"job_id":"' };
  await runHttpLoad({ ...load, next: forDuration(requests, count(3000, 1000)) });
  const [beforeUs, ownBefore] = [cpuUs(part.pids), process.cpuUsage()];
  const { answered, tookMs } = await runHttpLoad({ ...load, next: forDuration(requests, count(6000, 1500)) });
  const own = process.cpuUsage(ownBefore);
  return {
    requestsPerS: (answered / tookMs) * 1000,
    partUs: (cpuUs(part.pids) - beforeUs) / answered,
    generatorUs: (own.user + own.system) / answered,
  };
}

export const apiSingle: BenchCase = {
  name: 'api-single',
  about: 'single POST /jobs/add, 64 connections, batching on, default settings, against a bare Fastify route',
  realFaktory: 'unused',
  columns: [
    { key: 'requestsPerS', title: 'requests/s', digits: 0 },
    { key: 'partUs', title: 'us/request', digits: 1 },
    { key: 'generatorUs', title: 'generator us/request', digits: 1 },
  ],
  figures: [
    {
      what: 'requests/s, api-service over bare route',
      value: ratioOf(ours, bare, 'requestsPerS'),
      digits: 2,
      unit: 'x',
      atLeast: 0.7,
    },
    { what: 'api-service', value: readingOf(ours, 'requestsPerS'), digits: 0, unit: ' requests/s' },
  ],
  async sides(setting): Promise<Side[]> {
    return [
      {
        name: ours,
        run: () =>
          Nest.with(async (nest) => {
            const server = await nest.server('server-node');
            return measurePart(await nest.api(server), setting);
          }),
      },
      { name: bare, run: () => Nest.with(async (nest) => measurePart(await nest.part('./bare-route.mjs'), setting)) },
    ];
  },
};
