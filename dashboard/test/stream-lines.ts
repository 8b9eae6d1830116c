// Lines of a run's stream, as short as they may be.

export function headerLine(id: string, startedAt = '2026-11-27T20:00:00.000Z') {
  return { type: 'header', streamVersion: 1, run: { id, startedAt, command: 'jobstorm perf-test 1000' } };
}

export function sampleLine(atS: number) {
  return { type: 'sample', atS, lengthS: 0.5, counts: { completed: 100 } };
}

export function endLine(completed = 1000) {
  const result = {
    jobs: { completed, lost: 0 },
    throughput: { completePerS: 2000 },
    latencyUs: { endToEnd: { p99: 5000 } },
    verdict: { bottleneck: 'server' },
    valid: true,
  };
  return { type: 'end', result };
}

/** A whole run: header, `samples` samples, end. */
export function runLines(id: string, { samples = 3, startedAt }: { samples?: number; startedAt?: string } = {}) {
  const between = Array.from({ length: samples }, (_, at) => sampleLine((at + 1) / 2));
  return [headerLine(id, startedAt), ...between, endLine()];
}
