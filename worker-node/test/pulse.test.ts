import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { Connection } from '@jobstorm/protocol';
import { Pulse } from '../src/pulse.ts';

beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] }));
afterEach(() => mock.timers.reset());

class FakeConnection {
  reading = true;
  pauses = 0;

  pauseReading(): void {
    this.reading = false;
    this.pauses++;
  }

  resumeReading(): void {
    this.reading = true;
  }
}

function makePulse() {
  const connections = [new FakeConnection(), new FakeConnection()];
  const counts = { reads: 0, replies: 0 };
  const state = { worthwhile: true, nowMs: 1000 };
  const marks: string[] = [];
  const pulse = new Pulse({
    connections: () => connections as unknown as Connection[],
    counts: () => ({ ...counts }),
    worthwhile: () => state.worthwhile,
    onPause: () => marks.push('pause'),
    onResume: () => marks.push('resume'),
  });
  /** Lets that much time go by with as many reads a millisecond, each of so many replies. */
  const turns = (ms: number, reads: number, repliesPerRead: number) => {
    for (let i = 0; i < ms; i++) {
      state.nowMs++;
      counts.reads += reads;
      counts.replies += reads * repliesPerRead;
      pulse.turn(state.nowMs);
      if (pulse.pulsing) return;
    }
  };
  return { pulse, connections, counts, state, turns, marks };
}

type Made = ReturnType<typeof makePulse>;
const allRead = ({ connections }: Made) => connections.every(({ reading }) => reading);

/** Many wake-ups with one reply each. */
function begin(made: Made): void {
  made.turns(200, 10, 1);
  assert.ok(made.pulse.pulsing && !allRead(made));
}

/** To the end of one pause, with so many replies gathered in it, and the decision after it. */
function gather({ counts }: Made, replies: number): void {
  counts.replies += replies;
  // The timer that resumes, then the immediate that decides.
  mock.timers.tick(100);
  mock.timers.tick(1);
}

test('many wake-ups with a reply each make it pulse: reading pauses, and goes on by itself', () => {
  const made = makePulse();
  begin(made);
  const paused = made.connections[0]!.pauses;
  gather(made, 1000);
  assert.ok(made.connections[0]!.pauses > paused, 'it paused again');
});

test('a pulse that gathered nothing ends it, with everything read', () => {
  const made = makePulse();
  begin(made);
  gather(made, 0);
  assert.equal(made.pulse.pulsing, false);
  assert.ok(allRead(made));
});

test('each pause is told, and its end, however it ends', () => {
  const made = makePulse();
  begin(made);
  assert.deepEqual(made.marks, ['pause']);
  gather(made, 1000);
  assert.deepEqual(made.marks, ['pause', 'resume', 'pause']);
  made.pulse.stop();
  assert.equal(made.marks.at(-1), 'resume');
});

test('it ends when slots are what is scarce', () => {
  const made = makePulse();
  begin(made);
  made.state.worthwhile = false;
  gather(made, 1000);
  assert.equal(made.pulse.pulsing, false);
  assert.ok(allRead(made));
});

test('it does not begin with whole batches in each read, few wake-ups, or busy slots', () => {
  for (const [reads, replies, worthwhile] of [
    [10, 1000, true],
    [0.01, 1, true],
    [10, 1, false],
  ] as const) {
    const made = makePulse();
    made.state.worthwhile = worthwhile;
    made.turns(200, reads, replies);
    assert.equal(made.pulse.pulsing, false);
    assert.equal(made.connections[0]!.pauses, 0);
  }
});

test('wake-ups of long ago are no reason', () => {
  const made = makePulse();
  made.turns(1, 1, 1);
  made.counts.reads += 100_000;
  made.counts.replies += 100_000;
  made.state.nowMs += 60_000;
  made.pulse.turn(made.state.nowMs);
  assert.equal(made.pulse.pulsing, false);
});

test('stop in the middle of a pause reads on at once, for good', () => {
  const made = makePulse();
  begin(made);
  const paused = made.connections[0]!.pauses;
  made.pulse.stop();
  assert.ok(allRead(made));
  gather(made, 1000);
  made.turns(200, 10, 1);
  assert.equal(made.connections[0]!.pauses, paused);
  assert.equal(made.pulse.pulsing, false);
});
