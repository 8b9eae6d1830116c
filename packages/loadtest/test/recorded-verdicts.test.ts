// Bottlenecks that were made for real and recorded (JOBSTORM_RECORD_VERDICTS=DIR just bench verdicts): each is named as it was made.
// These were taken on a machine of 2 cores, some while other programs were busy on it.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { judge } from '../src/verdict.ts';
import { measurementsFrom } from '../src/verdict-basis.ts';

interface Recorded {
  name: string;
  how: string;
  expected: string[];
  basis: Record<string, unknown>;
}

const folder = new URL('recorded/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('there are recorded ones', () => assert.ok(files.length >= 13, files.join()));

for (const file of files) {
  const { name, how, expected, basis } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Recorded;
  test(`${name}: ${how}`, () => {
    const { bottleneck, evidence, advice, scaling } = judge(measurementsFrom(basis));
    assert.ok(expected.includes(bottleneck), `${bottleneck}: ${evidence.join('; ')}`);
    assert.ok(evidence.some((sentence) => /\d/.test(sentence)) && advice.length > 0 && scaling.because.length > 0);
  });
}
