// The worker on a real Faktory, beside the other clients there are: the npm package faktory-worker, faktory_worker_go, and Faktory's
// own load tool. Those whose rate depends on how many of them work at a time get the number that is best for them on this machine,
// found first. The load tool pushes as many jobs as it pops, which costs the server more; its pops are counted.

import { once } from 'node:events';
import { fillQueue, type JobShape } from '../backlog.ts';
import { type BenchCase, type MedianOf, ratioOf, readingOf, type Setting, type Side } from '../case.ts';
import { buildGoWorker, loadToolPath } from '../faktory-clients.ts';
import { type JobServer, Nest } from '../nest.ts';
import { end, launch } from '../part.ts';
import { steady } from '../steady.ts';

const ours = 'jobstorm, worker 6000 1';
const oursByTwo = 'jobstorm, worker 6000 2';
const npmWorker = 'faktory-worker, best';
const goWorker = 'faktory_worker_go, best';
const loadTool = "Faktory's load tool, best";
// Plain jobs: none of them keeps a run's books.
const shape: JobShape = { jobtype: 'noop', args: '[]', counted: false };

/** Starts one of the clients; gives the pids that do its work. */
type Client = (nest: Nest, server: JobServer) => Promise<readonly number[]>;

const worker =
  (...args: string[]): Client =>
  async (nest, server) => {
    const part = await nest.part('worker', ...args, '--url', server.url);
    // Killed: what it leaves behind goes with its server, and on this one a stop in good order takes its time.
    nest.add(() => part.stop('SIGKILL'));
    return part.pids;
  };

const foreign =
  (command: string, ...args: string[]): Client =>
  async (nest, server) => {
    const env = { FAKTORY_URL: server.url };
    const child = launch({ command, args, env, stdio: 'ignore', lastSignal: 'SIGKILL' });
    await once(child, 'spawn');
    nest.add(() => end(child, 'SIGKILL'));
    return [child.pid!];
  };

/** faktory_worker_go waits for up to 2 s before its first FETCHes. */
const warmMs = 2200;
/** More than any does in the time. */
const jobs = (windowMs: number) => Math.ceil((warmMs + windowMs) * 15);

function measure(client: Client, windowMs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('real Faktory');
    const connection = await nest.connection(server);
    await fillQueue(connection, shape, jobs(windowMs));
    const pids = await client(nest, server);
    const { jobsPerS, workerUs, serverUs, connections, after } = await steady({
      server,
      connection,
      pids,
      warmMs,
      windowMs,
    });
    if (after >= jobs(windowMs)) throw new Error(`all jobs were over before the end of ${windowMs} ms`);
    return { jobsPerS, coreSecondsPer1k: workerUs / 1000, serverUs, connections };
  });
}

/** The number with which a client is fastest, on short stretches. */
async function best({ count, note }: Setting, what: string, counts: readonly number[], of: (count: number) => Client) {
  const rates = new Map<number, number>();
  for (const each of counts) rates.set(each, (await measure(of(each), count(2000, 500))).jobsPerS!);
  const [chosen] = [...rates].sort((a, b) => b[1] - a[1])[0]!;
  note(`${what}, jobs/s by number: ${[...rates].map(([c, rate]) => `${c}: ${Math.round(rate)}`).join(', ')}`);
  return of(chosen);
}

/** Of all clients but ours. */
function mostOfOthers(median: MedianOf): number | null {
  const rates = [npmWorker, goWorker, loadTool].flatMap((side) => median(side, 'jobsPerS') ?? []);
  return rates.length === 0 ? null : Math.max(...rates);
}

export const workerOnFaktory: BenchCase = {
  name: 'worker-on-faktory',
  about: 'real Faktory, no-op jobs from a backlog: our worker, and every other client at its best concurrency',
  realFaktory: 'needed',
  columns: [
    { key: 'jobsPerS', title: 'jobs/s', digits: 0 },
    { key: 'coreSecondsPer1k', title: 'client core-s per 1,000 jobs', digits: 4 },
    { key: 'serverUs', title: 'server us/job', digits: 1 },
    { key: 'connections', title: 'connections', digits: 0 },
  ],
  figures: [
    {
      what: "jobs/s, ours over the fastest other client's",
      value: (median) => {
        const [mine, others] = [median(ours, 'jobsPerS'), mostOfOthers(median)];
        return mine === null || others === null ? null : mine / others;
      },
      digits: 2,
      unit: 'x',
      atLeast: 0.95,
    },
    {
      what: "core-seconds per 1,000 jobs, ours over faktory-worker's",
      value: ratioOf(ours, npmWorker, 'coreSecondsPer1k'),
      digits: 2,
      unit: 'x',
      atMost: 0.25,
    },
    {
      what: 'connections at 6,000 slots in two processes',
      value: readingOf(oursByTwo, 'connections'),
      digits: 0,
      unit: '',
      atMost: 63,
    },
  ],
  async sides(setting): Promise<Side[]> {
    const windowMs = setting.count(3000, 1000);
    const clients = new Map<string, Client>([
      [ours, worker('6000', '1')],
      [oursByTwo, worker('6000', '2')],
    ]);
    const npm = (count: number) => worker(String(count), '1', '--engine', 'faktory-worker');
    clients.set(npmWorker, await best(setting, 'faktory-worker', [10, 20, 50, 100], npm));
    const go = buildGoWorker(setting.note);
    if (go !== null) {
      const of = (count: number) => foreign(go, String(count));
      clients.set(goWorker, await best(setting, 'faktory_worker_go', [10, 20, 50, 100, 200], of));
    }
    const load = loadToolPath(setting.note);
    if (load !== null) {
      const of = (threads: number) => foreign(load, '1000000000', String(threads));
      clients.set(loadTool, await best(setting, "Faktory's load tool", [10, 50, 100], of));
    }
    return [...clients].map(([name, client]) => ({ name, run: () => measure(client, windowMs) }));
  },
};
