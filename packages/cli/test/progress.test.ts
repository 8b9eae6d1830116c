import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar, ProgressLine } from '../src/progress.ts';
import { makeTerminal } from '../src/terminal.ts';

function screen(o: { isTTY: boolean; columns?: number }, env: Record<string, string> = {}) {
  const written: string[] = [];
  const terminal = makeTerminal({ ...o, write: (text: string) => written.push(text) }, env);
  return { written, terminal };
}
const view = (ended: number) => ({ jobs: 1000, submitted: 400, ended, depth: 7, waitingFor: null });

test('in a pipe: a plain line a second, with the rate since', () => {
  const { written, terminal } = screen({ isTTY: false });
  const line = new ProgressLine(terminal, 0);
  for (let ms = 0; ms <= 2000; ms += 50) line.update(view(ms / 10), ms);
  line.clear();
  assert.deepEqual(written, [
    '  1.00 s  100/1,000 done  100/s  400 submitted  queue 7\n',
    '  2.00 s  200/1,000 done  100/s  400 submitted  queue 7\n',
  ]);
});

test('on a terminal: one line drawn over itself, never longer than the terminal, taken away at the end', () => {
  for (const columns of [20, 40, 80, 200]) {
    const { written, terminal } = screen({ isTTY: true, columns });
    const line = new ProgressLine(terminal, 0);
    for (let ms = 0; ms <= 1000; ms += 50) line.update(view(ms / 10), ms);
    assert.equal(written.length, 10);
    for (const text of written) {
      assert.ok(text.startsWith('\r') && text.endsWith('\u001b[K') && !text.includes('\n'));
      assert.ok(text.length - 4 < columns, `${text.length - 4} of ${columns} columns`);
    }
    line.clear();
    line.clear();
    assert.equal(written.at(-1), '\r\u001b[K');
    assert.equal(written.length, 11);
  }
});

test('what submission waits for is said', () => {
  const { written, terminal } = screen({ isTTY: false });
  new ProgressLine(terminal, 0).update({ ...view(0), depth: null, waitingFor: 'the job server is away' }, 1000);
  assert.match(written[0]!, /400 submitted {2}the job server is away\n$/);
});

test('the bar is full only when all is done', () => {
  assert.equal(bar(0, 10, 4), '[    ]');
  assert.equal(bar(999_999, 1_000_000, 4), '[███ ]');
  assert.equal(bar(10, 10, 4), '[████]');
  assert.equal(bar(11, 10, 4), '[████]');
});

test('colours only on a terminal, and not with NO_COLOR or a dumb one', () => {
  assert.equal(screen({ isTTY: true }).terminal.red('x'), '\u001b[31mx\u001b[0m');
  assert.equal(screen({ isTTY: false }).terminal.red('x'), 'x');
  assert.equal(screen({ isTTY: true }, { NO_COLOR: '1' }).terminal.red('x'), 'x');
  assert.equal(screen({ isTTY: true }, { NO_COLOR: '' }).terminal.red('x'), '\u001b[31mx\u001b[0m');
  assert.equal(screen({ isTTY: true }, { TERM: 'dumb' }).terminal.live, false);
});
