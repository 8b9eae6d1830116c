// Ports for parts that take theirs seconds later: below those that systems give to outgoing connections, so that none of the many
// connections of tests running at the same time gets one of them meanwhile.

import { isTaken } from '../../../src/operate/ports.ts';

/** The first of `count` loopback ports in a row that are free now. */
export async function quietPorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = 10_000 + Math.floor(Math.random() * 20_000);
    const taken = await Promise.all(Array.from({ length: count }, (_, i) => isTaken(first + i, '127.0.0.1')));
    if (!taken.some(Boolean)) return first;
  }
  throw new Error(`found no ${count} free ports in a row in 100 attempts`);
}
