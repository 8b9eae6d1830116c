// Waiting for the disk without a connection: for whoever promises something by another way than FWP.

import type { Turn } from './turn.ts';

/** Settles once everything that was changed before this call is stored. */
export function whenStored(turn: Turn): Promise<void> {
  return new Promise((resolve) => {
    const member = {
      heldUntil: turn.position,
      run() {},
      resume() {},
      send: resolve,
      holdBack: () => 'held',
      sendHeld: () => resolve(),
    };
    turn.gather(member);
  });
}
