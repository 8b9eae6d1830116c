// How far apart the clocks of a run's hosts are: workers by what the control room found out, the control room and the job server by asking
// them. The generator's clock is the one that all are compared with.

import type { ApiView, WorkerView } from '@jobstorm/dashboard';
import { type ClockFindings, clockFindings, type PartClock } from '@jobstorm/loadtest';
import { bestOffset, type ClockExchange, type ClockOffset, chainOffsets, epochUs } from '@jobstorm/telemetry';
import type { Cluster } from './cluster.ts';
import { isThisHost } from './this-host.ts';
import { apiView } from './usage-readings.ts';

/** Questions to the job server: the shortest round trip decides. */
const questions = 8;

/** By the time that INFO tells. null: it tells none. */
async function serverOffset({ client }: Cluster): Promise<ClockOffset | null> {
  const exchanges: ClockExchange[] = [];
  for (let i = 0; i < questions; i++) {
    const sentUs = epochUs();
    const { now } = await client.info();
    exchanges.push({ sentUs, atUs: stampUs(now), receivedUs: epochUs() });
  }
  return bestOffset(exchanges, epochUs());
}

/** An RFC 3339 stamp with up to nine digits behind the point, in epoch microseconds; NaN: it is none. */
export function stampUs(stamp: string): number {
  const [, whole, digits = ''] = /^(.{19})(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:\d\d)$/.exec(stamp) ?? [];
  if (whole === undefined) return Number.NaN;
  const zone = /(Z|[+-]\d\d:\d\d)$/.exec(stamp)![1]!;
  return Date.parse(whole + zone) * 1000 + Number(digits.padEnd(6, '0').slice(0, 6));
}

/**
 * @param ownNames how this host is called; parts there stamp with the generator's clock
 * @param workersHere all that did jobs of the run are on this host
 * @returns null: so are the api-service and the job server, and there is nothing to compare
 */
export async function measureClocks(
  cluster: Cluster,
  ownNames: readonly (string | null)[],
  workersHere: boolean,
): Promise<ClockFindings | null> {
  const isElsewhere = ({ hello }: ApiView | WorkerView) => !ownNames.includes(hello.host);
  const api = (await apiView(cluster)) ?? null;
  const apiElsewhere = api !== null && isElsewhere(api);
  const { host } = cluster.address;
  const serverHere = cluster.server !== null || isThisHost(host);
  if (workersHere && !apiElsewhere && serverHere) return null;
  const workers = workersHere ? [] : await cluster.room.workers();
  const elsewhere = workers.filter(isElsewhere);
  const room = await cluster.room.clockOffset();
  const clockOf = ({ hello, clock }: ApiView | WorkerView): PartClock => ({
    host: hello.host,
    offset: chainOffsets(room, clock),
  });
  const server: PartClock | null = serverHere ? null : { host, offset: await serverOffset(cluster) };
  return clockFindings({
    workers: elsewhere.map(clockOf),
    workersHere: workersHere || elsewhere.length < workers.length,
    server,
    api: apiElsewhere ? clockOf(api) : null,
  });
}
