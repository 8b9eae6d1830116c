import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PollRound } from '../src/poll-round.ts';

describe('PollRound', () => {
  it('is shared while it is under way', async () => {
    const round = new PollRound();
    let asked = 0;
    const ask = () => {
      asked++;
    };
    const first = round.start(['a'], ask);
    const second = round.start(['a', 'b'], ask);
    assert.equal(asked, 1);
    round.settle('a');
    await Promise.all([first, second]);
    const third = round.start(['a'], ask);
    assert.equal(asked, 2);
    round.settle('a');
    await third;
  });

  it('ends at its deadline when a part does not answer', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const round = new PollRound();
    const done = round.start(['stuck'], () => {});
    t.mock.timers.tick(1000);
    await done;
  });

  it('settles with an answer that comes while asking', async () => {
    const round = new PollRound();
    await round.start(['a'], () => round.settle('a'));
  });
});
