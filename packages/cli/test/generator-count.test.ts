import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generatorsFor } from '../src/generator-count.ts';

const rate = (ratePerS: number) => ({ kind: 'rate', ratePerS }) as const;

test('as many generators as the highest rate asks for, at most one for each core', () => {
  const ramp = { kind: 'ramp', stages: [{ fromPerS: 1000, toPerS: 250_000, overMs: 1000 }] } as const;
  assert.equal(generatorsFor({ load: { kind: 'closed' }, via: 'batch' }, 8), 1);
  assert.equal(generatorsFor({ load: rate(20_000), via: 'batch' }, 8), 1);
  assert.equal(generatorsFor({ load: rate(250_000), via: 'batch' }, 8), 3);
  assert.equal(generatorsFor({ load: ramp, via: 'direct' }, 8), 3);
  assert.equal(generatorsFor({ load: rate(20_000), via: 'api' }, 8), 4);
  assert.equal(generatorsFor({ load: rate(20_000), via: 'api' }, 2), 2);
});
