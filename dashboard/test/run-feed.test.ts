import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkRunId, RunFeed } from '../src/run-feed.ts';
import { endLine, headerLine, runLines, sampleLine } from './stream-lines.ts';

function fed(lines: readonly unknown[]): RunFeed {
  const feed = new RunFeed('r1');
  for (const [number, line] of lines.entries()) feed.add(number, line);
  return feed;
}

describe('a run as it is told', () => {
  it('keeps every line, and tells in short what the run was', () => {
    const feed = fed(runLines('r1'));
    assert.equal(feed.lines.length, 5);
    assert.equal(feed.ended, true);
    const { bytes, ...brief } = feed.brief;
    assert.equal(bytes, feed.lines.join('\n').length + 1);
    assert.deepEqual(brief, {
      id: 'r1',
      command: 'jobstorm perf-test 1000',
      startedAt: '2026-11-27T20:00:00.000Z',
      ended: true,
      lines: 5,
      completed: 1000,
      lost: 0,
      completePerS: 2000,
      p99Us: 5000,
      bottleneck: 'server',
      valid: true,
    });
  });

  it('takes a line that it has as said again, and refuses one that leaves a gap', () => {
    const feed = fed([headerLine('r1'), sampleLine(0.5)]);
    assert.equal(feed.add(1, sampleLine(9)), null);
    assert.deepEqual(JSON.parse(feed.lines[1]!), sampleLine(0.5));
    assert.throws(() => feed.add(3, sampleLine(1)), { code: 'EMESSAGE', message: 'expected line 2, got 3' });
  });

  it('refuses what is no line, a header that is not first, and anything after the end', () => {
    const feed = new RunFeed('r1');
    assert.throws(() => feed.add(0, sampleLine(0.5)), { message: /^the header is line 0/ });
    feed.add(0, headerLine('r1'));
    assert.throws(() => feed.add(1, headerLine('r1')), { message: /^the header is line 0/ });
    for (const bad of [null, 7, 'sample', [], {}]) assert.throws(() => feed.add(1, bad), { code: 'EMESSAGE' });
    feed.add(1, endLine());
    assert.throws(() => feed.add(2, sampleLine(1)), { message: /^the run has ended/ });
  });

  it('is read again from what was written, without a last line that was cut off', () => {
    const whole = fed(runLines('r1')).lines.join('\n');
    assert.deepEqual(RunFeed.read('r1', `${whole}\n`).brief, fed(runLines('r1')).brief);
    const torn = RunFeed.read('r1', whole.slice(0, -10));
    assert.equal(torn.lines.length, 4);
    assert.equal(torn.ended, false);
  });

  it('has an id that can be the name of a file', () => {
    assert.equal(checkRunId('rmb2k4x0abcd'), 'rmb2k4x0abcd');
    for (const bad of ['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a b', 'a\n', 'x'.repeat(101), 7, null, undefined]) {
      assert.throws(() => checkRunId(bad), { code: 'EMESSAGE' }, String(bad));
    }
  });

  it('shows nothing of a result that has another shape', () => {
    const feed = fed([headerLine('r1'), { type: 'end', result: { jobs: 'many', verdict: { bottleneck: ['x'] } } }]);
    const { completed, bottleneck, valid } = feed.brief;
    assert.deepEqual({ completed, bottleneck, valid }, { completed: null, bottleneck: null, valid: null });
  });
});
