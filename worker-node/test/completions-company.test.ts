// How long the end of a job waits for others to be written with it, on a clock that goes when the test says so: the pause of reading
// that it falls into, and no longer; without one not at all.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerUrl } from '@jobstorm/protocol';
import { FakeServer } from '@jobstorm/testkit';
import { Completions } from '../src/completions.ts';
import { Pulse } from '../src/pulse.ts';
import { Run } from '../src/run.ts';
import { steppedTime } from './stepped-time.ts';

const time = steppedTime();
const mostMs = 5;

interface Rig {
  pulse: Pulse;
  /** There is a backlog, with slots that wait for it. */
  backlog: boolean;
  /** Ends a job; gives how many milliseconds passed until its ACK had reached the server. */
  waitOf(jid: string): Promise<number>;
  /** Reads with one reply each, until it pauses or half a second has passed. */
  trickle(): void;
}

/** What the sockets have to say is heard, without any time passing. */
async function listen(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function withRig(check: (rig: Rig) => Promise<void>): Promise<void> {
  const fake = await FakeServer.start({ script: (line) => (line.startsWith('ACK ') ? '+OK\r\n' : undefined) });
  const pace = { roundTripMs: 0, gathering: false, paused: false };
  const completions = new Completions({
    link: { address: parseServerUrl(fake.url) },
    lanes: 2,
    pace,
    onAnswered: () => {},
    onRefused: () => {},
  });
  const counts = { reads: 0, replies: 0 };
  const pulse = new Pulse({
    connections: () => completions.connections(),
    counts: () => ({ ...counts }),
    worthwhile: () => rig.backlog,
    onPause: () => {
      pace.paused = true;
    },
    onResume: () => {
      pace.paused = false;
      completions.flush();
    },
  });
  const rig: Rig = {
    pulse,
    backlog: true,
    async waitOf(jid) {
      const endedMs = time.nowMs;
      completions.finish(new Run({ jid, jobtype: 'add', args: [] }, null, 0, completions));
      const arrived = () => fake.received.some(({ line }) => line.includes(jid));
      for (await listen(); !arrived() && time.nowMs - endedMs < 1000; await listen()) {
        counts.replies += 10;
        time.pass(1);
      }
      return time.nowMs - endedMs;
    },
    trickle() {
      for (let i = 0; i < 500 && !pulse.pulsing; i++) {
        time.pass(1);
        counts.reads += 5;
        counts.replies += 5;
        pulse.turn(time.nowMs);
      }
    },
  };
  await completions.start();
  try {
    await check(rig);
  } finally {
    pulse.stop();
    await completions.stop();
    await fake.close();
  }
}

test('while reads are gathered an ACK waits for the end of the pause, 5 ms at most', async () => {
  await withRig(async (rig) => {
    rig.trickle();
    assert.ok(rig.pulse.pulsing);
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) waits.push(await rig.waitOf(`job-${i}`));
    assert.ok(Math.max(...waits) > 0, 'none waited: nothing was tested');
    assert.ok(Math.max(...waits) <= mostMs, `waited ${waits.join(', ')} ms`);
  });
});

test('when the queue is empty an ACK waits for nothing', async () => {
  await withRig(async (rig) => {
    rig.backlog = false;
    rig.trickle();
    for (let i = 0; i < 5; i++) assert.equal(await rig.waitOf(`job-${i}`), 0);
  });
});

test('when the queue runs empty in the middle, the pause under way is the last', async () => {
  await withRig(async (rig) => {
    rig.trickle();
    rig.backlog = false;
    assert.ok((await rig.waitOf('job-last-of-the-pause')) <= mostMs);
    await listen();
    for (let i = 0; i < 5; i++) {
      assert.equal(await rig.waitOf(`job-${i}`), 0);
      rig.trickle();
    }
  });
});
