// Counts handled jobs of this process in a file that the bench reads: a count, then a latency in us for each job, as
// little-endian doubles. Invariant: the count is written after the latencies that it counts.

import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const flushMs = 5;
let file = null;
let written = 0;
let waiting = [];

export function nowUs() {
  return (performance.timeOrigin + performance.now()) * 1000;
}

function flush() {
  file ??= openSync(join(process.env.TALLY_DIR, `tally-${process.pid}`), 'w');
  const latencies = Float64Array.from(waiting);
  waiting = [];
  writeSync(file, latencies, 0, latencies.byteLength, 8 * (1 + written));
  written += latencies.length;
  writeSync(file, Float64Array.of(written), 0, 8, 0);
}

/** Of a job that was due at that time, in µs since 1970. */
export function done(dueUs) {
  if (waiting.length === 0) setTimeout(flush, flushMs);
  waiting.push(nowUs() - dueUs);
}
