// Jobs that were handed out and are neither acknowledged nor failed yet, by jid. There is no timer per job: reservations of equal
// length expire in the order in which they were made, so each length has a list, and only its head has to be looked at.
//
//   60 s:   [expires 10:00:01]─[10:00:02]─[10:00:07]         1800 s:  [10:29:00]─[10:29:30]
//
// They are found through a hash table whose chains run through the reservations themselves. A Map would do, but one that
// thousands of keys a second enter and leave leaves its outgrown tables to the old generation, where they keep the dead
// reservations of several seconds alive: it costs more garbage collection than all the rest of FETCH and ACK.
//
// Invariant: a reservation is in the list of its length as long as it can be found by its jid. Two jobs may share a jid (Faktory
// does not ask for unique ones): the newer reservation stands before the older one in its chain and is found first.

import { randomInt } from 'node:crypto';
import { LinkedList, ListNode } from './linked-list.ts';
import type { TakenJob } from './segment.ts';

const firstBuckets = 1024;

export class Reservation extends ListNode {
  /** Byte text. */
  readonly jid: string;
  /** The job as it was handed out, byte text. */
  readonly text: string;
  /** Monotonic milliseconds. */
  readonly expiresAtMs: number;
  readonly hash: number;
  /** Its name in the journal; 0 without one. */
  readonly id: number;
  /** Its neighbours in its bucket's chain: both ways, for thousands of one jid may expire oldest first. */
  chained: Reservation | null = null;
  chainedBefore: Reservation | null = null;

  constructor(job: TakenJob, expiresAtMs: number, hash: number) {
    super();
    this.jid = job.jid;
    this.text = job.text;
    this.expiresAtMs = expiresAtMs;
    this.hash = hash;
    this.id = job.id;
  }
}

/** Differs from one server to the next, so that jids can't be chosen to share a bucket. */
const seed = randomInt(2 ** 32);

/** FNV-1a over the characters, the high bits folded into the low ones that pick a bucket. */
function hashOf(jid: string): number {
  let hash = seed;
  for (let i = 0; i < jid.length; i++) hash = Math.imul(hash ^ jid.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}

export class Reservations {
  /** Heads of the chains; the length is a power of two. */
  #buckets: (Reservation | null)[] = new Array(firstBuckets).fill(null);
  readonly #byLengthS = new Map<number, LinkedList<Reservation>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(job: TakenJob, nowMs: number): Reservation {
    const reservation = new Reservation(job, nowMs + job.reserveForS * 1000, hashOf(job.jid));
    if (this.#size === this.#buckets.length) this.#grow();
    const bucket = reservation.hash & (this.#buckets.length - 1);
    this.#chain(this.#buckets, bucket, reservation);
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
  get(jid: string): Reservation | null {
    const hash = hashOf(jid);
    let found: Reservation | null = this.#buckets[hash & (this.#buckets.length - 1)]!;
    while (found && (found.hash !== hash || found.jid !== jid)) found = found.chained;
    return found;
  }

  /** Ends a reservation; an older one of the same jid can be found again. */
  remove(reservation: Reservation): void {
    if (!reservation.list) return;
    reservation.list.remove(reservation);
    this.#size--;
    const bucket = reservation.hash & (this.#buckets.length - 1);
    const { chained, chainedBefore } = reservation;
    if (chainedBefore) chainedBefore.chained = chained;
    else this.#buckets[bucket] = chained;
    if (chained) chained.chainedBefore = chainedBefore;
    reservation.chainedBefore = null;
    reservation.chained = null;
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
    this.#buckets = new Array(firstBuckets).fill(null);
    this.#byLengthS.clear();
    this.#size = 0;
  }

  /** Puts a reservation at the head of a chain. */
  #chain(buckets: (Reservation | null)[], bucket: number, reservation: Reservation): void {
    const head = buckets[bucket]!;
    reservation.chained = head;
    reservation.chainedBefore = null;
    if (head) head.chainedBefore = reservation;
    buckets[bucket] = reservation;
  }

  /** Doubles the buckets. Each chain is split in two and keeps its order. */
  #grow(): void {
    const old = this.#buckets;
    const grown: (Reservation | null)[] = new Array(old.length * 2).fill(null);
    for (const head of old) {
      const chain: Reservation[] = [];
      for (let at = head; at; at = at.chained) chain.push(at);
      for (let i = chain.length - 1; i >= 0; i--) {
        this.#chain(grown, chain[i]!.hash & (grown.length - 1), chain[i]!);
      }
    }
    this.#buckets = grown;
  }
}
