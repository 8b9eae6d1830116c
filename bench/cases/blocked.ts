// What a server does while nothing is to do: nearly as many connections as Faktory allows, each blocked in FETCH. Its CPU meanwhile,
// and how soon a pushed job reaches one of them.

import { setTimeout as sleep } from 'node:timers/promises';
import { RawConnection } from '@jobstorm/testkit';
import { type BenchCase, readingOf, realName, type Side } from '../case.ts';
import { type JobServer, Nest, type ServerKind } from '../nest.ts';

/** One of Faktory's 2,000 is the producer's. */
const fetchers = 1999;
const idleMs = 3000;
const pushes = 500;
const queue = 'blocked';

const beside = (key: string, digits: number, unit: string) => ({
  ours: readingOf('server-node', key),
  real: readingOf(realName, key),
  digits,
  unit,
});

/** A client that fetches for ever and acknowledges what it gets. `onJob` is called as a job comes in. */
async function fetchForEver(server: JobServer, onJob: () => void): Promise<RawConnection> {
  const connection = await RawConnection.greeted({ port: server.port });
  const go = async () => {
    connection.send(`FETCH ${queue}\r\n`);
    for (let reply = await connection.reply(60_000); reply !== null; reply = await connection.reply(60_000)) {
      const jid = /"jid":"([^"]+)"/.exec(reply)?.[1];
      if (jid !== undefined) onJob();
      // What answers an ACK is followed by the FETCH that was sent with it.
      if (reply === '+OK') continue;
      connection.send(`${jid === undefined ? '' : `ACK {"jid":"${jid}"}\r\n`}FETCH ${queue}\r\n`);
    }
  };
  void go().catch(() => {}); // it ends with its connection
  return connection;
}

function measure(kind: ServerKind): Promise<Record<string, number>> {
  return Nest.with(async (nest) => {
    const server = await nest.server(kind);
    let arrived: () => void = () => {};
    for (let i = 0; i < fetchers; i++) {
      const connection = await fetchForEver(server, () => arrived());
      nest.add(() => connection.destroy());
    }
    const producer = await nest.connection(server);
    // Their first FETCHes came in at once; now they are spread as they happened to be.
    await sleep(2200);
    const [beforeUs, beganMs] = [server.cpuUs(), performance.now()];
    await sleep(idleMs);
    const idlePercent = (server.cpuUs() - beforeUs) / 10 / (performance.now() - beganMs);
    const latencies: number[] = [];
    for (let i = 0; i < pushes; i++) {
      const sentMs = performance.now();
      const delivery = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      await producer.call(`PUSH {"jid":"job-${10_000 + i}","jobtype":"t","queue":"${queue}","args":[],"retry":25}`);
      await delivery;
      latencies.push(performance.now() - sentMs);
      await sleep(2);
    }
    latencies.sort((a, b) => a - b);
    return { idlePercent, p50Ms: latencies[pushes / 2]!, p99Ms: latencies[Math.ceil(pushes * 0.99) - 1]! };
  });
}

export const blocked: BenchCase = {
  name: 'blocked',
  about: `${fetchers} connections blocked in FETCH: CPU meanwhile, and from a PUSH to its delivery`,
  realFaktory: 'beside',
  columns: [
    { key: 'idlePercent', title: 'CPU, % of a core', digits: 1 },
    { key: 'p50Ms', title: 'push to delivery p50, ms', digits: 2 },
    { key: 'p99Ms', title: 'p99, ms', digits: 2 },
  ],
  figures: [
    {
      what: '2,000 connections wait in FETCH: CPU',
      value: readingOf('server-node', 'idlePercent'),
      madeOf: beside('idlePercent', 1, '%'),
      digits: 1,
      unit: '%',
      atMost: 5,
    },
    {
      what: 'from a PUSH to one of them, p99',
      value: readingOf('server-node', 'p99Ms'),
      madeOf: beside('p99Ms', 2, ' ms'),
      digits: 2,
      unit: ' ms',
      atMost: 2,
    },
  ],
  async sides({ realFaktory }): Promise<Side[]> {
    const kinds: ServerKind[] = realFaktory ? ['server-node', realName] : ['server-node'];
    return kinds.map((kind) => ({ name: kind, run: () => measure(kind) }));
  },
};
