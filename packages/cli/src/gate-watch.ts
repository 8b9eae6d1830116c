// Tells the gate of a closed run how things are: how many jobs wait in the queue, for a backlog that is kept; which tides are built and
// which have drained.

import { BacklogGate, type Gate, type RunPlan, type SubmitTotals, type Tide, TideGate } from '@jobstorm/loadtest';
import type { Client } from '@jobstorm/protocol';
import { epochUs } from '@jobstorm/telemetry';
import { type DepthSampler, heldOf } from './sampler.ts';

/** How often the depth is asked for, in milliseconds: at 100,000 jobs a second 2,000 are taken meanwhile. */
const askEveryMs = 20;

/** What the run's follower sees each time that it looks. */
export interface Look {
  totals: SubmitTotals;
  /** Jobs that were completed, or failed for good. */
  ended: number;
  /** Epoch microseconds; null: none was. */
  lastAckUs: number | null;
}

export interface GateWatch {
  /** undefined: nothing holds the run back. */
  gate: Gate | undefined;
  tides: readonly Tide[];
  look(look: Look): void;
  stop(): Promise<void>;
}

const answeredFor = ({ submitted, accepted, refused, uncertain }: SubmitTotals): boolean => {
  let refusals = 0;
  for (const count of refused.values()) refusals += count;
  return submitted > 0 && accepted + refusals + uncertain >= submitted;
};

function watchBacklog(gate: BacklogGate, plan: RunPlan, client: Client): GateWatch {
  let totals: SubmitTotals | null = null;
  let asking: Promise<void> | null = null;
  const ask = async () => {
    try {
      const { depth } = heldOf(await client.info(), plan.queues);
      if (totals) gate.observe(depth, totals.accepted);
    } catch {
      // Away: what waits is not known, and nothing more is let through.
    }
  };
  const timer = setInterval(() => {
    asking ??= ask().finally(() => {
      asking = null;
    });
  }, askEveryMs);
  return {
    gate,
    tides: [],
    look: (look) => {
      totals = look.totals;
    },
    async stop() {
      clearInterval(timer);
      await asking;
    },
  };
}

function watchTides(gate: TideGate, sampler: DepthSampler): GateWatch {
  let beganUs = 0;
  return {
    gate,
    tides: gate.tides,
    look({ totals, ended, lastAckUs }) {
      if (!answeredFor(totals)) return;
      const { submitted, accepted, firstSendUs, lastReplyUs } = totals;
      if (gate.built({ submitted, firstSendUs: Math.max(beganUs, firstSendUs), builtUs: lastReplyUs })) {
        const tide = gate.tides.at(-1)!;
        void sampler.ask().then(() => {
          tide.depth = sampler.latest?.depth ?? null;
        });
      }
      if (ended >= accepted && gate.drained(lastAckUs ?? epochUs())) beganUs = epochUs();
    },
    stop: async () => {},
  };
}

/** For a plan that nothing holds back it watches nothing. `enough`: ends a backlog before its time. */
export function watchGate(plan: RunPlan, client: Client, sampler: DepthSampler, enough?: AbortSignal): GateWatch {
  const { load, jobs } = plan;
  if (load.kind === 'backlog') {
    const gate = new BacklogGate(load);
    enough?.addEventListener('abort', () => gate.end(), { once: true });
    return watchBacklog(gate, plan, client);
  }
  if (load.kind === 'tides') return watchTides(new TideGate({ jobs, tides: load.tides }), sampler);
  return { gate: undefined, tides: [], look: () => {}, stop: async () => {} };
}
