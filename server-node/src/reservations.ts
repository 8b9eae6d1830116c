// Jobs that were handed out and are neither acknowledged nor failed yet, by jid. There is no timer per job: reservations of equal
// length expire in the order in which they were made, so each length has a list, and only its head has to be looked at.
//
//   60 s:   [expires 10:00:01]─[10:00:02]─[10:00:07]         1800 s:  [10:29:00]─[10:29:30]
//
// Invariant: a reservation is in the list of its length as long as it can be found by its jid. Two jobs may share a jid (Faktory
// does not ask for unique ones): the newer reservation shadows the older one until it ends.

import { LinkedList, ListNode } from './linked-list.ts';
import type { TakenJob } from './segment.ts';

export class Reservation extends ListNode {
  /** Byte text. */
  readonly jid: string;
  /** The job as it was handed out, byte text. */
  readonly text: string;
  /** Monotonic milliseconds. */
  readonly expiresAtMs: number;
  /** The older reservation of the same jid. */
  shadowed: Reservation | null = null;

  constructor(job: TakenJob, expiresAtMs: number) {
    super();
    this.jid = job.jid;
    this.text = job.text;
    this.expiresAtMs = expiresAtMs;
  }
}

export class Reservations {
  readonly #byJid = new Map<string, Reservation>();
  readonly #byLengthS = new Map<number, LinkedList<Reservation>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(job: TakenJob, nowMs: number): Reservation {
    const reservation = new Reservation(job, nowMs + job.reserveForS * 1000);
    const older = this.#byJid.get(job.jid);
    if (older) reservation.shadowed = older;
    this.#byJid.set(job.jid, reservation);
    let list = this.#byLengthS.get(job.reserveForS);
    if (!list) {
      list = new LinkedList();
      this.#byLengthS.set(job.reserveForS, list);
    }
    list.push(reservation);
    this.#size++;
    return reservation;
  }

  /** The newest reservation of a jid (byte text). */
  get(jid: string): Reservation | undefined {
    return this.#byJid.get(jid);
  }

  /** Ends a reservation; one of the same jid that it shadowed can be found again. */
  remove(reservation: Reservation): void {
    if (!reservation.list) return;
    reservation.list.remove(reservation);
    this.#size--;
    const newest = this.#byJid.get(reservation.jid)!;
    if (newest === reservation) {
      if (reservation.shadowed) this.#byJid.set(reservation.jid, reservation.shadowed);
      else this.#byJid.delete(reservation.jid);
      return;
    }
    let newer = newest;
    while (newer.shadowed && newer.shadowed !== reservation) newer = newer.shadowed;
    newer.shadowed = reservation.shadowed;
  }

  /** At most `max` of the reservations that are over, in the order of their ends; they stay until they are removed. */
  expired(nowMs: number, max: number): Reservation[] {
    const found: Reservation[] = [];
    for (const [lengthS, list] of this.#byLengthS) {
      if (!list.head) this.#byLengthS.delete(lengthS);
      let taken = 0;
      for (let at = list.head; at && at.expiresAtMs <= nowMs && taken < max; at = at.next as Reservation | null) {
        found.push(at);
        taken++;
      }
    }
    return found.sort((a, b) => a.expiresAtMs - b.expiresAtMs).slice(0, max);
  }

  clear(): void {
    for (const list of this.#byLengthS.values()) {
      while (list.head) list.remove(list.head);
    }
    this.#byJid.clear();
    this.#byLengthS.clear();
    this.#size = 0;
  }
}
