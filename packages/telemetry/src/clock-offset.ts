// How far another process's clock is ahead of one's own, from questions and answers: an answer was stamped at some moment between its
// question's departure and its own arrival, so the shortest round trip knows best.
//
//   own clock    sent ────────────────┬──────────── received
//                      ▼  on its way  │ stamped (atUs)  ▲        offset = at - (sent + received) / 2, wrong by half the trip at most
//
// Clocks drift apart, so that an exchange is worth less as it ages.

/** One question and its answer. */
export interface ClockExchange {
  /** By the clock of the one who asks, in epoch microseconds. */
  sentUs: number;
  receivedUs: number;
  /** By the clock of the one who answers. */
  atUs: number;
}

export interface ClockOffset {
  /** The other clock minus one's own. */
  offsetUs: number;
  /** It is off by no more than this. */
  errorUs: number;
}

/** Clocks that nobody steers drift by less (20 parts in a million, both ways). */
const driftShare = 40e-6;
const kept = 32;

/** The offset, the exchange being this old. */
function offsetOf({ sentUs, atUs, receivedUs }: ClockExchange, ageUs: number): ClockOffset {
  const trip = receivedUs - sentUs;
  return { offsetUs: atUs - sentUs - trip / 2, errorUs: trip / 2 + ageUs * driftShare };
}

/** Of these exchanges, by what is known at `nowUs`; null: there is none that can be one. */
export function bestOffset(exchanges: readonly ClockExchange[], nowUs: number): ClockOffset | null {
  let best: ClockOffset | null = null;
  for (const exchange of exchanges) {
    if (!(exchange.receivedUs >= exchange.sentUs) || !Number.isFinite(exchange.atUs)) continue;
    const offset = offsetOf(exchange, Math.max(0, nowUs - exchange.receivedUs));
    if (best === null || offset.errorUs < best.errorUs) best = offset;
  }
  return best;
}

/** From a to c, where b is between: errors add up. null where one of them is. */
export function chainOffsets(first: ClockOffset | null, second: ClockOffset | null): ClockOffset | null {
  if (first === null || second === null) return null;
  return { offsetUs: first.offsetUs + second.offsetUs, errorUs: first.errorUs + second.errorUs };
}

/** The last exchanges with one other process. */
export class ClockEstimator {
  readonly #exchanges: ClockExchange[] = [];

  add(exchange: ClockExchange): void {
    this.#exchanges.push(exchange);
    if (this.#exchanges.length > kept) this.#exchanges.shift();
  }

  /** null: no exchange yet. */
  at(nowUs: number): ClockOffset | null {
    return bestOffset(this.#exchanges, nowUs);
  }
}
