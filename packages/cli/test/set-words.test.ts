import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesOf, readWords, showSettings } from '../src/set-words.ts';

function read(part: 'worker' | 'api', ...words: string[]) {
  const mistakes: string[] = [];
  return { wanted: readWords(part, words, mistakes), mistakes };
}

test('words become settings as the parts take them', () => {
  const { wanted, mistakes } = read(
    'worker',
    'slots=4000',
    'queues=fast:5,slow:1',
    'rate-limit=slow=10/s',
    'queue-slots=',
  );
  assert.deepEqual(mistakes, []);
  assert.deepEqual(wanted, { slots: 4000, queues: ['fast:5', 'slow:1'], rateLimit: ['slow=10/s'], queueSlots: [] });
  assert.deepEqual(read('api', 'batch-auto=false', 'batch-max-delay-ms=2.5').wanted, {
    batchAuto: false,
    batchMaxDelayMs: 2.5,
  });
});

test('all mistakes are told together', () => {
  const { mistakes } = read('worker', 'slots=many', 'batch-auto=true', 'constructor=1', 'slots');
  assert.equal(mistakes.length, 4);
  assert.equal(mistakes[0], 'slots: got "many", expected a number');
  assert.match(mistakes[1]!, /^"batch-auto=true": expected NAME=VALUE, with NAME one of slots, processes, queues/);
});

test('what is in force is shown as it would be typed, and reads as itself', () => {
  const settings = { slots: 5, queues: ['a:2', 'b'], queueSlots: [], rateLimit: ['b=1/s'], prefetch: 0 };
  const text = showSettings(settings);
  assert.equal(text, 'slots=5 queues=a:2,b rate-limit=b=1/s prefetch=0');
  assert.deepEqual(read('worker', ...text.split(' '), 'queue-slots=').wanted, settings);
  assert.ok(namesOf('api').includes('batch-max-size'));
});
