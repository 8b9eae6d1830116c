// The time that jobs are stamped with, written in place as it goes on: chunks of input come tens of thousands of times a second, and
// nearly all of them differ from the one before in the microseconds only.
// Invariant: the bytes are those of `makeStamp(formatTimestamp(…))` for the time that was set last.

import { makeStamp, type Stamp } from './job-text.ts';
import { formatTimestamp } from './timestamp.ts';

const digits = 6;
/** Behind the microseconds stand Z and a quote. */
const behind = 2;
const ZERO = 48;

export class RunningStamp implements Stamp {
  created: Uint8Array = new Uint8Array();
  enqueued: Uint8Array = new Uint8Array();
  #second = Number.NaN;

  /** @param epochUs whole microseconds since the epoch */
  set(epochUs: number): void {
    const second = Math.floor(epochUs / 1e6);
    if (second !== this.#second) {
      this.#second = second;
      const { created, enqueued } = makeStamp(formatTimestamp(epochUs));
      this.created = created;
      this.enqueued = enqueued;
      return;
    }
    const { created, enqueued } = this;
    const last = created.length - behind - 1;
    const ahead = enqueued.length - created.length;
    let rest = (epochUs - second * 1e6) | 0;
    for (let at = last; at > last - digits; at--) {
      const next = (rest / 10) | 0;
      const digit = ZERO + rest - next * 10;
      created[at] = digit;
      enqueued[at + ahead] = digit;
      rest = next;
    }
  }
}
