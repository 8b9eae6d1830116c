// Whether two results may be compared at all: the same machine, the same job server, the same settings, and each a measurement
// that counts. Pure; one sentence for each thing that speaks against it.

import { valueAt } from './figures.ts';
import type { RunResult } from './result.ts';

/** Settings that say where a result goes and how it is judged, not what is measured. */
const notMeasured = new Set([
  'json',
  'html',
  'junit',
  'markdown',
  'hgrm',
  'jsonl',
  'threshold',
  'thresholds',
  'thresholdAbort',
  'baseline',
  'force',
  'repeats',
  'against',
  'overhead',
  'patienceMs',
  'seed',
  'control',
  'api',
  'url',
]);

const shown = (value: unknown): string => (value === undefined ? 'not set' : JSON.stringify(value));

/** Of a local one, the port is another one each time. */
function serverOf({ environment: { server } }: RunResult): string {
  return /, local\b/.test(server) ? server.replace(/ at tcp:\/\/\S+$/, '') : server;
}

/** What differs in machine, job server and settings, a sentence each; none: they are alike. */
export function differencesBetween(a: RunResult, b: RunResult): string[] {
  const differences = (['cpus', 'memoryBytes', 'cpuModel', 'node', 'os'] as const)
    .map((name) => [name, valueAt(a.environment, name), valueAt(b.environment, name)] as const)
    .filter(([, from, to]) => from !== to)
    .map(([name, from, to]) => `the machines differ: ${name} ${shown(from)} and ${shown(to)}`);
  if (serverOf(a) !== serverOf(b)) differences.push(`the servers differ: ${serverOf(a)} and ${serverOf(b)}`);
  const names = new Set([...Object.keys(a.config), ...Object.keys(b.config)].filter((name) => !notMeasured.has(name)));
  for (const name of names) {
    const [from, to] = [a.config[name] ?? null, b.config[name] ?? null];
    if (JSON.stringify(from) !== JSON.stringify(to)) {
      differences.push(`the settings differ: ${name} ${shown(from)} and ${shown(to)}`);
    }
  }
  return differences;
}

/** Why this result's rate can't be judged; none: it can. */
export function faultsForComparison(result: RunResult): string[] {
  const faults = result.valid ? [] : result.invalidBecause.map((reason) => `it is not valid: ${reason}`);
  if (result.throughput.completePerS === null) faults.push('it has no rate');
  else if (result.throughput.steadyWindowS === null)
    faults.push('it has no steady window: it was too short, or its rate never settled');
  return faults;
}
