import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Histogram } from '@jobstorm/telemetry';
import fc from 'fast-check';
import { ControlRoom } from '../src/control-room.ts';
import type { RoomChange } from '../src/room.ts';
import { apiSnapshot, containerUsage, dockerSnapshot, helloOf, runOf, WorkerRun, workerSnapshot } from './reports.ts';

/** 0 … n-1 */
function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

describe('ControlRoom', () => {
  it('adds up what several workers did, each sequence number once', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    room.accept(helloOf('b'));
    room.update('a', runOf('r', [0, 1, 2, 2]).snapshot());
    room.update('b', runOf('r', [2, 3, 5000]).snapshot());
    const view = room.run('r')!;
    assert.equal(view.completed, 5);
    assert.equal(view.duplicated, 2, 'one within a, one between the two');
    assert.ok(view.has(5000) && !view.has(4));
    assert.deepEqual(view.missing(5001), [{ from: 4, to: 4999 }]);
    assert.equal(view.missingCount(5001), 4996);
    assert.equal(view.countFrom(3), 2);
    assert.equal(room.run('other'), null);
  });

  it('tells of a run how long its handlers took, and the quickest ACKs', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    const tally = new WorkerRun('r').done(0, 1, 100).done(1, 2, 300).tally();
    const ack = new Histogram();
    for (let us = 1; us <= 100; us++) ack.record(us * 10);
    room.update('a', workerSnapshot([{ ...tally, phases: { ...tally.phases, ack: ack.toJSON() } }]));
    const { service, roundTripUs } = room.pulse('r')!;
    assert.deepEqual([service, roundTripUs], [{ sumUs: 400, count: 2 }, 10]);
  });

  it('shows the containers of hosts beside the parts, and that nobody watches them any more', async () => {
    const room = new ControlRoom({ now: () => 1000 });
    const heard: RoomChange[] = [];
    room.subscribe((change) => heard.push(change));
    room.accept({ ...helloOf('d', 'docker'), host: 'server' }, { poll: () => room.update('d', dockerSnapshot([])) });
    room.update('d', dockerSnapshot([containerUsage()]));
    assert.deepEqual(heard, [{ runs: [] }, { runs: [] }]);
    assert.deepEqual(room.stats().parts, [], 'it is no part that takes jobs');
    assert.equal(room.stats().hosts[0]!.host, 'server');
    assert.equal(room.hosts()[0]!.containers[0]!.name, 'faktory');
    await room.poll();
    assert.deepEqual(room.hosts()[0]!.containers, []);
    room.gone('d');
    assert.equal(room.hosts()[0]!.live, false);
  });

  it('counts nothing twice when messages repeat, get lost, or a part comes back', () => {
    const step = fc.record({
      worker: fc.nat(2),
      seqs: fc.array(fc.nat(9000), { maxLength: 20 }),
      fate: fc.constantFrom('sent', 'sent', 'twice', 'reconnect'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const room = new ControlRoom();
        const sides = ['a', 'b', 'c'].map((id) => ({ id, side: new WorkerRun('r'), marks: [] as number[] }));
        for (const { id } of sides) room.accept(helloOf(id));
        for (const { worker, seqs, fate } of steps) {
          const { id, side, marks } = sides[worker]!;
          for (const seq of seqs) side.done(seq);
          marks.push(...seqs);
          if (fate === 'reconnect') {
            side.snapshot(); // on the way when the connection broke
            room.gone(id);
            room.accept(helloOf(id));
          }
          const snapshot = side.snapshot(fate === 'reconnect');
          room.update(id, snapshot);
          if (fate === 'twice') room.update(id, snapshot);
        }
        const all = sides.flatMap(({ marks }) => marks);
        const view = room.run('r');
        assert.equal(view?.completed ?? 0, new Set(all).size);
        assert.equal(view?.duplicated ?? 0, all.length - new Set(all).size);
        assert.equal(view?.phases.service?.count ?? 0, all.length);
        for (const seq of all) assert.ok(view!.has(seq));
      }),
      { numRuns: 60 },
    );
  });

  it('merges histograms, series and stamps', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    room.accept(helloOf('b'));
    const a = new WorkerRun('r').done(0, 2_000_000, 10).done(1, 2_050_000, 20);
    const b = new WorkerRun('r').done(2, 1_900_000, 3000).done(3, 2_010_000, 40);
    a.failed = 2;
    b.failed = 3;
    b.retried = 1;
    room.update('a', a.snapshot());
    room.update('b', b.snapshot());
    const view = room.run('r')!;
    const expected = new Histogram();
    for (const us of [10, 20, 3000, 40]) expected.record(us);
    assert.deepEqual(view.phases.service!.toJSON(), expected.toJSON());
    assert.deepEqual(view.series, { bucketMs: 100, firstBucket: 19, counts: [1, 3] });
    assert.equal(view.firstFetchUs, 1_900_000);
    assert.equal(view.lastAckUs, 2_050_000);
    assert.equal(view.failed, 5);
    assert.equal(view.retried, 1);
    assert.equal(view.phases.ack, undefined, 'nobody recorded it');
  });

  it('has no stamps before there are any', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    room.update('a', new WorkerRun('r').snapshot());
    assert.equal(room.run('r')!.firstFetchUs, null);
    assert.equal(room.run('r')!.lastAckUs, null);
    assert.equal(room.run('r')!.completed, 0);
  });

  it('counts jobs without a possible sequence number', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    room.update('a', runOf('r', [0, -1, 2 ** 40]).snapshot());
    assert.equal(room.run('r')!.unexpected, 2);
    assert.equal(room.run('r')!.completed, 1);
  });

  it('lists who is connected and has reported', () => {
    const room = new ControlRoom({ now: () => 77 });
    room.accept(helloOf('w'));
    room.accept(helloOf('silent'));
    room.accept(helloOf('i', 'api'));
    room.update('w', workerSnapshot([], { slots: { total: 6000, running: 5 } }));
    room.update('i', apiSnapshot({ waiting: 9 }));
    const [worker, ...others] = room.workers();
    assert.deepEqual(others, []);
    assert.equal(worker!.id, 'w');
    assert.equal(worker!.seenAtMs, 77);
    assert.equal(worker!.state.slots.total, 6000);
    assert.equal(worker!.hello.group, 'group of w');
    assert.deepEqual(
      room.apis().map(({ id, state }) => [id, state.waiting]),
      [['i', 9]],
    );
    assert.deepEqual(
      room.stats().parts.map(({ id }) => id),
      ['w', 'i'],
    );
  });

  it('keeps a worker that has gone in its run, not among the workers', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    room.accept(helloOf('b'));
    room.update('a', runOf('r', [0, 1]).snapshot());
    room.update('b', runOf('r', [2]).snapshot());
    room.gone('a');
    assert.deepEqual(
      room.workers().map(({ id }) => id),
      ['b'],
    );
    const view = room.run('r')!;
    assert.equal(view.completed, 3);
    assert.deepEqual(
      view.parts.map(({ id, live, completed, usage }) => ({ id, live, completed, cpuUs: usage?.cpuUs })),
      [
        { id: 'a', live: false, completed: 2, cpuUs: 1000 },
        { id: 'b', live: true, completed: 1, cpuUs: 1000 },
      ],
    );
    room.update('a', runOf('r', [9]).snapshot());
    assert.equal(room.run('r')!.completed, 3, 'it is not connected');
  });

  it('tells its listeners what changed', () => {
    const room = new ControlRoom();
    const heard: RoomChange[] = [];
    const stop = room.subscribe((change) => heard.push(change));
    room.accept(helloOf('a'));
    room.update('a', runOf('r', [0, 1]).snapshot());
    assert.deepEqual(
      heard.map(({ runs }) => runs.map(({ run, completed }) => [run, completed])),
      [[], [['r', 2]]],
    );
    stop();
    room.update('a', runOf('r', [5]).snapshot());
    assert.equal(heard.length, 2);
  });

  it('tells of a run only when it moved', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    const [one, two] = [runOf('one', [0]), runOf('two', [0])];
    room.update('a', workerSnapshot([one.tally(), two.tally()]));
    const heard: string[][] = [];
    room.subscribe(({ runs }) => heard.push(runs.map(({ run }) => run)));
    room.update('a', workerSnapshot([one.tally(), two.done(1).tally()]));
    two.failed++;
    room.update('a', workerSnapshot([one.tally(), two.tally()]));
    room.update('a', workerSnapshot([one.tally(), two.tally()]));
    assert.deepEqual(heard, [['two'], ['two'], []]);
  });

  it('gives a summary that follows the run', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    const side = runOf('r', [0]);
    room.update('a', side.snapshot());
    assert.deepEqual(room.summary('r')!.latencyUs, {
      service: { p50: 100, p90: 100, p95: 100, p99: 100, max: 100, count: 1 },
    });
    room.update('a', side.done(1, 2_000_000, 900).snapshot());
    assert.equal(room.summary('r')!.completed, 2);
    assert.equal(room.summary('r')!.latencyUs.service!.max, 900);
    assert.equal(room.summary('none'), null);
  });

  it('keeps the runs that moved last, and forgets the others for good', () => {
    const room = new ControlRoom({ maxRuns: 2 });
    room.accept(helloOf('a'));
    const sides = ['r1', 'r2', 'r3'].map((run) => runOf(run, [0]));
    const all = () => workerSnapshot(sides.map((side) => side.tally()));
    room.update('a', workerSnapshot([sides[0]!.tally(), sides[1]!.tally()]));
    room.update('a', workerSnapshot([sides[0]!.done(1).tally()]));
    room.update('a', all());
    assert.deepEqual(
      room.runs().map(({ run }) => run),
      ['r1', 'r3'],
    );
    sides[1]!.done(7);
    room.update('a', all());
    assert.equal(room.run('r2'), null, 'its earlier pages are gone, so its counts would be wrong');
  });

  it('forgets parts that are gone and in no run, and takes only so many', () => {
    const room = new ControlRoom({ maxParts: 2, maxRuns: 1 });
    for (const id of upTo(10)) {
      room.accept(helloOf(`idle ${id}`));
      room.gone(`idle ${id}`);
    }
    room.accept(helloOf('a'));
    room.update('a', runOf('r', [0]).snapshot());
    room.gone('a');
    room.accept(helloOf('b'));
    assert.throws(() => room.accept(helloOf('c')), RangeError);
    room.accept(helloOf('b'));
    room.update('b', runOf('next', [0]).snapshot());
    assert.equal(room.run('r'), null);
    room.accept(helloOf('c'));
  });

  it('asks every connected part and settles when they have answered or gone', async () => {
    const room = new ControlRoom();
    const asked: string[] = [];
    for (const id of ['a', 'b', 'c']) room.accept(helloOf(id), { poll: () => asked.push(id) });
    room.gone('c');
    let settled = false;
    const poll = room.poll().then(() => {
      settled = true;
    });
    assert.deepEqual(asked, ['a', 'b']);
    room.update('a', workerSnapshot());
    await Promise.resolve();
    assert.equal(settled, false);
    room.gone('b');
    await poll;
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('settles a poll at once when nobody is there, and when it closes', async () => {
    const room = new ControlRoom();
    await room.poll();
    room.accept(helloOf('a'));
    const poll = room.poll();
    room.close();
    await poll;
  });

  it('does not mix what two kinds of part said under one id', () => {
    const room = new ControlRoom();
    room.accept(helloOf('x'));
    room.update('x', workerSnapshot());
    room.accept(helloOf('x', 'api'));
    room.update('x', apiSnapshot());
    assert.deepEqual(
      room.stats().parts.map(({ part }) => part),
      ['api'],
    );
  });
});
