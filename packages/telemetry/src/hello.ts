// How a process introduces itself to the control room: what every process says of itself in the same way is filled in here.

import type { Hello } from './snapshot.ts';

/** The Hello of this process, from what it alone knows: which part it is, its id, host, cap and group. */
export function makeHello(own: Omit<Hello, 'type' | 'pid' | 'startedAtMs'>): Hello {
  return { type: 'hello', pid: process.pid, startedAtMs: Math.round(performance.timeOrigin), ...own };
}
