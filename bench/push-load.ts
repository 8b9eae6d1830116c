// A lean PUSHB generator: prepared lines over a few connections, a few of them unanswered on each.

import type { RawConnection } from '@jobstorm/testkit';
import { expectAllTaken, type JobShape, pushLine } from './backlog.ts';

/** Lines of `size` jobs each, for jobs first … first + jobs - 1. */
export function prepareLines(shape: JobShape, first: number, jobs: number, size: number): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = first; at < first + jobs; at += size)
    lines.push(pushLine(shape, at, Math.min(first + jobs, at + size)));
  return lines;
}

/** Sends all lines; resolves with the time from the first one's start to the last one's answer, in ms. */
export async function runPushLoad(
  connections: readonly RawConnection[],
  lines: readonly Buffer[],
  unansweredEach: number,
): Promise<number> {
  const startMs = performance.now();
  let next = 0;
  const lane = async (connection: RawConnection) => {
    for (let line = lines[next++]; line; line = lines[next++]) {
      connection.send(line);
      expectAllTaken(await connection.reply());
    }
  };
  // Lanes of one connection take turns: its replies come in the order of its lines.
  await Promise.all(
    connections.flatMap((connection) => Array.from({ length: unansweredEach }, () => lane(connection))),
  );
  return performance.now() - startMs;
}
