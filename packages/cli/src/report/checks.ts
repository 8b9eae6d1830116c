// What a run is held to, one by one, as test reports list it: nothing lost, nothing done twice, a measurement that can be trusted, and
// every threshold. Pure.

import type { RunResult } from '@jobstorm/loadtest';
import { whole } from '../format.ts';
import { thresholdValue } from '../result-words.ts';

export interface Check {
  name: string;
  /** What was measured. */
  shown: string;
  /** null: it can't be told. */
  passed: boolean | null;
  /** Why it did not pass, or can't be told. */
  reason: string | null;
}

function none(name: string, count: number | null, why: string): Check {
  if (count === null) return { name, shown: 'not known', passed: null, reason: why };
  const passed = count === 0;
  return { name, shown: whole(count), passed, reason: passed ? null : `${whole(count)} jobs` };
}

export function checksOf(r: RunResult): Check[] {
  return [
    none('no job was lost', r.jobs.lost, r.notMeasured['jobs.lost'] ?? 'not measured'),
    none('no job was done twice', r.jobs.duplicated, ''),
    {
      name: 'the measurement is valid',
      shown: r.valid ? 'yes' : 'no',
      passed: r.valid,
      reason: r.valid ? null : r.invalidBecause.join('; '),
    },
    ...r.thresholds.map(({ expression, value, passed }) => {
      const shown = thresholdValue(expression, value);
      return { name: expression, shown, passed, reason: passed ? null : `measured: ${shown}` };
    }),
  ];
}
