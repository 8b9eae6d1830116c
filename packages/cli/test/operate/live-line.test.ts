import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveLine } from '../../src/operate/live-line.ts';
import { makeTerminal } from '../../src/terminal.ts';

function shown(isTTY: boolean): { live: LiveLine; text: () => string } {
  let text = '';
  const write = (piece: string) => {
    text += piece;
  };
  const stream = { isTTY, columns: 40, write };
  return { live: new LiveLine(makeTerminal(stream, { NO_COLOR: '1' })), text: () => text };
}

test('off a terminal: one plain line for each thing done, without details', () => {
  const { live, text } = shown(false);
  live.doing('building', 'step 1');
  live.doing('building', 'step 2');
  live.say('a line');
  live.doing('starting');
  live.clear();
  assert.equal(text(), 'building …\na line\nstarting …\n');
});

test('on a terminal: one line that is drawn over and is gone in the end', () => {
  const { live, text } = shown(true);
  live.doing('building', `step 1 ${'x'.repeat(100)}`);
  live.say('stays');
  live.clear();
  live.clear();
  const esc = String.fromCharCode(27);
  const pieces = text().split(`\r`);
  assert.match(pieces[1]!, /building: step 1 x/);
  assert.ok(pieces[1]!.replaceAll(`${esc}[K`, '').length < 40, 'within the width');
  assert.equal(pieces[2], `${esc}[Kstays\n`);
  assert.equal(pieces.at(-1), `${esc}[K`);
});
