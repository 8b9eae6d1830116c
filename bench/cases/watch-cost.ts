// What it costs a run to be watched. One run with a kept backlog goes on all the while, and stretches without a watcher, with one browser
// and with twenty follow each other, so that machine, warmth and what else goes on are the same for all three.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RawConnection } from '@jobstorm/testkit';
import { Aside } from '../aside.ts';
import { serverCounts } from '../backlog.ts';
import { type BenchCase, readingOf, type Side } from '../case.ts';
import { Nest } from '../nest.ts';
import { launchCommand, Part } from '../part.ts';
import { fineCpuUs } from '../proc.ts';
import { quantile } from '../quantile.ts';
import { openTab, type Tab, whyNoBrowser } from '../tab.ts';

const side = 'one run';
/** Watchers of each kind of stretch: a browser, and clients that hear and parse what a browser does. */
const kinds = [
  { name: 'none', browser: false, clients: 0 },
  { name: 'one', browser: true, clients: 0 },
  { name: 'twenty', browser: true, clients: 19 },
] as const;
type Kind = (typeof kinds)[number];
/** Each kind is in each place as often. */
const orders = [
  [0, 1, 2],
  [2, 1, 0],
  [1, 2, 0],
  [0, 2, 1],
  [2, 0, 1],
  [1, 0, 2],
] as const;
/** After watchers came or went. */
const settleMs = 500;

/** Runs `work` while they watch. */
async function watchedBy<T>(
  { browser, clients }: Kind,
  { tab, crowd, url }: Watchers,
  work: () => Promise<T>,
): Promise<T> {
  crowd.tell({ clients });
  await tab.page.goto(browser ? url : 'about:blank');
  await sleep(settleMs);
  return work();
}

interface Watchers {
  tab: Tab;
  crowd: Part;
  url: string;
}

/** Jobs/s, the share of a core that the control room took, and messages a second that clients heard. */
interface Stretch {
  perS: number;
  cores: number;
  heardPerS: number;
}

interface Looked {
  connection: RawConnection;
  room: readonly number[];
  crowd: Part;
}

async function stretch({ connection, room, crowd }: Looked, lengthMs: number): Promise<Stretch> {
  const heard = () => {
    const answer = crowd.said<{ type: 'heard'; heard: number }>('heard');
    crowd.tell({ count: true });
    return answer;
  };
  const look = async () => ({
    done: (await serverCounts(connection)).processed,
    us: fineCpuUs(room),
    at: performance.now(),
  });
  const heardBefore = await heard();
  const from = await look();
  await sleep(lengthMs);
  const to = await look();
  const heardAfter = await heard();
  const seconds = (to.at - from.at) / 1000;
  return {
    perS: (to.done - from.done) / seconds,
    cores: (to.us - from.us) / 1e6 / seconds,
    heardPerS: (heardAfter.heard - heardBefore.heard) / seconds,
  };
}

/** Half the 95% interval of their median, as if what strays little strayed evenly: by the median distance from it, which outliers leave alone. */
function offBy(values: number[]): number {
  const middle = quantile(values, 0.5);
  const spread =
    1.4826 *
    quantile(
      values.map((value) => Math.abs(value - middle)),
      0.5,
    );
  return (1.25 * 1.96 * spread) / Math.sqrt(values.length);
}

function measure(count: number, lengthMs: number): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server('server-node');
    const room = await nest.part('dashboard', '--listen', '127.0.0.1:0', '--url', server.url, '--runs', 'none');
    const control = room.url.replace('http', 'ws');
    const api = await nest.part('api', '--listen', '127.0.0.1:0', '--url', server.url, '--control', control);
    await nest.part('worker', '2000', '1', '--url', server.url, '--control', control);
    const connection = await nest.connection(server);
    const where = ['--url', server.url, '--api', api.url, '--control', room.url];
    nest.add(launchCommand(['perf-test', '--duration', '30m', '--jobtype', 'noop', ...where]));
    // Watchers get only what CPU the others leave, as if they were elsewhere: what they cost is what the control room does for them.
    const aside = new Aside(nest);
    const tab = await openTab(nest, aside);
    const crowd = await Part.start('watch-clients.mjs', [control]);
    nest.add(() => crowd.stop());
    aside.add(crowd.pid);
    const looked = { connection, room: room.pids, crowd };
    const watchers = { tab, crowd, url: room.url };
    while ((await serverCounts(connection)).processed < 20_000) await sleep(50);
    const turns: Stretch[][] = [];
    // The first turn only warms up.
    for (let turn = 0; turn <= count; turn++) {
      const seen: Stretch[] = [];
      for (const at of orders[turn % orders.length]!)
        seen[at] = await watchedBy(kinds[at]!, watchers, () => stretch(looked, lengthMs));
      if (turn > 0) turns.push(seen);
    }
    const median = (value: (turn: Stretch[]) => number) => quantile(turns.map(value), 0.5);
    // Within a turn, so that what drifts over minutes is in neither; the median, so that a neighbour's hiccup counts for one turn.
    const costs = (at: 1 | 2) => turns.map((turn) => 100 * (1 - turn[at]!.perS / turn[0]!.perS));
    return {
      none: median((turn) => turn[0]!.perS),
      one: median((turn) => turn[1]!.perS),
      twenty: median((turn) => turn[2]!.perS),
      costOne: quantile(costs(1), 0.5),
      costTwenty: quantile(costs(2), 0.5),
      mayBeOff: Math.max(offBy(costs(1)), offBy(costs(2))),
      moreCores: median((turn) => 100 * (turn[2]!.cores - turn[0]!.cores)),
      coresNone: median((turn) => 100 * turn[0]!.cores),
      coresTwenty: median((turn) => 100 * turn[2]!.cores),
      heard: median((turn) => turn[2]!.heardPerS / kinds[2].clients),
    };
  });
}

export const watchCost: BenchCase = {
  name: 'watch-cost',
  about:
    'what one browser, and twenty, that watch the dashboard cost a run: stretches by turns in one run (needs Chromium)',
  realFaktory: 'unused',
  columns: [
    { key: 'none', title: 'jobs/s, nobody watches', digits: 0 },
    { key: 'one', title: 'one browser', digits: 0 },
    { key: 'twenty', title: 'twenty', digits: 0 },
    { key: 'costOne', title: 'cost of one, %', digits: 2 },
    { key: 'costTwenty', title: 'cost of twenty, %', digits: 2 },
    { key: 'mayBeOff', title: '± (95 %)', digits: 2 },
    { key: 'coresNone', title: '% of a core, room, nobody', digits: 1 },
    { key: 'coresTwenty', title: '% of a core, room, twenty', digits: 1 },
    { key: 'heard', title: 'news/s each hears', digits: 2 },
  ],
  figures: [
    { what: 'one browser takes of the rate', value: readingOf(side, 'costOne'), digits: 2, unit: ' %', atMost: 2 },
    { what: 'twenty take of the rate', value: readingOf(side, 'costTwenty'), digits: 2, unit: ' %', atMost: 4 },
    // Watchers that were starved would cost nothing.
    {
      what: 'news that each of the twenty hears',
      value: readingOf(side, 'heard'),
      digits: 2,
      unit: ' a second',
      atLeast: 1.5,
    },
    // Far less noisy than a rate, and what the rate can lose at most, where the run takes all cores.
    {
      what: 'CPU that the control room takes for twenty',
      value: readingOf(side, 'moreCores'),
      digits: 2,
      unit: ' % of a core',
      atMost: 4,
    },
  ],
  async sides({ count, note }): Promise<Side[]> {
    const whyNot = whyNoBrowser();
    if (whyNot) {
      note(`${whyNot}; this case is left out`);
      return [];
    }
    return [{ name: side, run: () => measure(count(12, 3), count(1000, 800)) }];
  },
};
