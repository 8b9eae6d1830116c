import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Connection, WorkerState } from '@jobstorm/protocol';
import { Heartbeat } from '../src/heartbeat.ts';

type Answer = string | null | Error;

function makeHeartbeat(answers: Answer[], own: WorkerState = 'running') {
  const lines: string[] = [];
  const wanted: WorkerState[] = [];
  const errors: string[] = [];
  let roundTrips = 0;
  const connection = {
    async call(line: string) {
      lines.push(line);
      const answer = answers.shift() ?? 'OK';
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as Connection;
  const link = { connection: connection as Connection | null };
  const heartbeat = new Heartbeat({
    wid: 'worker-1',
    connection: () => link.connection,
    state: () => own,
    onState: (state) => wanted.push(state),
    onRoundTrip: (ms) => {
      assert.ok(ms >= 0);
      roundTrips++;
    },
    onError: (message) => errors.push(message),
  });
  return { heartbeat, lines, wanted, errors, link, roundTrips: () => roundTrips };
}

test('a beat says who lives, in which state, with how much memory', async () => {
  const { heartbeat, lines, wanted, roundTrips } = makeHeartbeat(['OK'], 'quiet');
  await heartbeat.beat();
  const [verb, payload] = [lines[0]!.slice(0, 5), JSON.parse(lines[0]!.slice(5))];
  assert.equal(verb, 'BEAT ');
  const { rss_kb, ...rest } = payload;
  assert.deepEqual(rest, { wid: 'worker-1', current_state: 'quiet' });
  assert.ok(Number.isInteger(rss_kb) && rss_kb > 1000);
  assert.deepEqual(wanted, []);
  assert.equal(roundTrips(), 1);
});

test('what the server wants is passed on; states that it does not know are none', async () => {
  const answers = ['{"state":"quiet"}', '{"state":"terminate"}', '{"state":"dance"}', '{}', null];
  const { heartbeat, wanted, errors } = makeHeartbeat(answers);
  for (let i = 0; i < 5; i++) await heartbeat.beat();
  assert.deepEqual(wanted, ['quiet', 'terminate']);
  assert.deepEqual(errors, []);
});

test('a refused beat, an answer that is garbage and a lost connection are errors to live with', async () => {
  const { heartbeat, wanted, errors, link } = makeHeartbeat([new Error('unknown worker'), 'garbage', '[1]']);
  for (let i = 0; i < 3; i++) await heartbeat.beat();
  assert.equal(errors.length, 3);
  assert.equal(errors[0], 'unknown worker');
  link.connection = null;
  await heartbeat.beat();
  assert.equal(errors.length, 3);
  assert.deepEqual(wanted, []);
});

test('it beats well within the 60 seconds that the server waits, until it is stopped', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const { heartbeat, lines } = makeHeartbeat([]);
    await heartbeat.start();
    assert.equal(lines.length, 1);
    mock.timers.tick(60_000);
    assert.ok(lines.length >= 4, `${lines.length} beats`);
    let before = lines.length;
    const late = heartbeat.start();
    heartbeat.stop();
    await late;
    before++;
    mock.timers.tick(60_000);
    assert.equal(lines.length, before);
  } finally {
    mock.timers.reset();
  }
});
