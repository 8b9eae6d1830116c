// Sends a run's jobs straight to the job server, PUSHB of 500 over a few connections: what the server takes without the API.

import { Client, type ServerAddress } from '@jobstorm/protocol';
import type { JobTexts } from './job-text.ts';
import type { RunPlan } from './plan.ts';
import type { Sink } from './submit.ts';

const connections = 2;
const callsEach = 2;
/** Bytes of one PUSHB at most. */
const pushBytes = 8 * 1024 * 1024;

/** @throws ConnectionError when the server can't be reached */
export async function directSink(o: { address: ServerAddress; plan: RunPlan; texts: JobTexts }): Promise<Sink> {
  const clients = await Promise.all(
    Array.from({ length: connections }, () => Client.connect({ address: o.address, deadlineMs: 30_000 })),
  );
  let turn = 0;
  return {
    chunk: Math.max(1, Math.min(500, Math.floor(pushBytes / (256 + o.plan.shape.payloadBytes)))),
    inFlight: connections * callsEach,
    async send(first, end, dueOf) {
      const client = clients[turn++ % clients.length]!;
      const reasons = Object.values(await client.pushBulkTexts(o.texts.jobTexts(first, end, dueOf)));
      const refused = new Map<string, number>();
      for (const reason of reasons) refused.set(reason, (refused.get(reason) ?? 0) + 1);
      return { accepted: end - first - reasons.length, refused };
    },
    async close() {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}
