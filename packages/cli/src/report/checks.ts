// What a run is held to, one by one, as test reports list it: nothing lost, nothing done twice, a measurement that can be trusted, and
// every threshold. Pure.

import type { RunResult } from '@jobstorm/loadtest';
import { whole } from '../format.ts';
import { slopeWords, thresholdValue } from '../result-words.ts';

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

/** A chaos-test kills workers between a job and its acknowledgement: what was done twice is counted there, and no fault. */
function twice({ jobs, chaos }: RunResult): Check[] {
  return chaos ? [] : [none('no job was done twice', jobs.duplicated, '')];
}

function growth({ soak }: RunResult): Check[] {
  return (soak?.slopes ?? []).map((slope) => {
    const [, hour, interval] = slopeWords(slope);
    const shown = `${hour} an hour (${interval})`;
    const passed = slope.verdict === 'too short' ? null : slope.verdict !== 'growing';
    return { name: `${slope.what} does not grow`, shown, passed, reason: passed ? null : `${slope.verdict}: ${shown}` };
  });
}

export function checksOf(r: RunResult): Check[] {
  return [
    none('no job was lost', r.jobs.lost, r.notMeasured['jobs.lost'] ?? 'not measured'),
    ...twice(r),
    {
      name: 'the measurement is valid',
      shown: r.valid ? 'yes' : 'no',
      passed: r.valid,
      reason: r.valid ? null : r.invalidBecause.join('; '),
    },
    ...growth(r),
    ...r.thresholds.map(({ expression, value, passed }) => {
      const shown = thresholdValue(expression, value);
      return { name: expression, shown, passed, reason: passed ? null : `measured: ${shown}` };
    }),
  ];
}
