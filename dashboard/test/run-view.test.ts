import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ControlRoom } from '../src/control-room.ts';
import { RunView } from '../src/run-view.ts';
import type { RunData } from '../src/view.ts';
import { helloOf, runOf } from './reports.ts';

function viewOf(seqs: number[]): RunView {
  const room = new ControlRoom();
  room.accept(helloOf('a'));
  room.update('a', runOf('r', seqs).snapshot());
  return room.run('r')!;
}

describe('RunView', () => {
  it('is the same after a journey as JSON', () => {
    const view = viewOf([0, 1, 4, 9000]);
    const data: RunData = JSON.parse(JSON.stringify(view));
    const arrived = new RunView(data);
    assert.deepEqual(JSON.parse(JSON.stringify(arrived)), data);
    assert.equal(arrived.completed, 4);
    assert.deepEqual(arrived.missing(10), view.missing(10));
    assert.equal(arrived.phases.service!.percentile(50), 100);
  });

  it('tells jobs beyond the run from those missing', () => {
    const view = viewOf([0, 1, 4, 9000]);
    assert.equal(view.missingCount(5), 2);
    assert.equal(view.countFrom(5), 1);
    assert.deepEqual(view.missing(5), [{ from: 2, to: 3 }]);
    assert.deepEqual(view.missing(5000, 1), [{ from: 2, to: 3 }]);
  });

  it('does not change with the run', () => {
    const room = new ControlRoom();
    room.accept(helloOf('a'));
    const side = runOf('r', [0]);
    room.update('a', side.snapshot());
    const view = room.run('r')!;
    room.update('a', side.done(1).snapshot());
    assert.equal(view.completed, 1);
    assert.equal(view.has(1), false);
    assert.equal(room.run('r')!.completed, 2);
  });
});
