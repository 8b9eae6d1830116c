// Checks of clients' password hashes, a slice at a time: an honest one takes thousands of rounds of SHA-256, some milliseconds, and
// a thousand clients that log in at once must not hold up those that are in already.
//
//   HELLO ──▶ [check][check][check] ──a slice of rounds per turn of the event loop──▶ done(isRight)
//
// Invariant: checks end in the order in which they came; those that nobody wants any more cost nothing.

import { createHash, hash, timingSafeEqual } from 'node:crypto';
import type { Challenge, Hello } from './handshake.ts';

/** About half a millisecond. */
const roundsPerSlice = 500;

export interface PasswordCheck {
  password: string;
  challenge: Challenge;
  hello: Pick<Hello, 'version' | 'passwordHash'>;
  /** False once the client has gone. */
  isWanted(): boolean;
  done(isRight: boolean): void;
}

/** One check under way. */
class Hashing {
  readonly check: PasswordCheck;
  #digest: Buffer;
  #roundsLeft: number;

  constructor(check: PasswordCheck) {
    this.check = check;
    this.#digest = createHash('sha256').update(check.password).update(check.challenge.salt).digest();
    // Clients older than version 2 hash once, whatever the challenge asks.
    this.#roundsLeft = (check.hello.version < 2 ? 1 : check.challenge.iterations) - 1;
  }

  /** Does up to `rounds` of them; true when all are done. */
  advance(rounds: number): boolean {
    const now = Math.min(rounds, this.#roundsLeft);
    for (let round = 0; round < now; round++) this.#digest = hash('sha256', this.#digest, 'buffer');
    this.#roundsLeft -= now;
    return this.#roundsLeft === 0;
  }

  get isRight(): boolean {
    const expected = Buffer.from(this.#digest.toString('hex'));
    const given = Buffer.from(this.check.hello.passwordHash);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

export class PasswordChecks {
  readonly #waiting: PasswordCheck[] = [];
  #current: Hashing | null = null;
  #immediate: NodeJS.Immediate | null = null;

  add(check: PasswordCheck): void {
    this.#waiting.push(check);
    this.#arm();
  }

  /** One slice of the first check that is wanted. */
  runSlice(): void {
    if (this.#current && !this.#current.check.isWanted()) this.#current = null;
    while (this.#current === null) {
      const next = this.#waiting.shift();
      if (!next) return;
      if (next.isWanted()) this.#current = new Hashing(next);
    }
    if (!this.#current.advance(roundsPerSlice)) return;
    const { check, isRight } = this.#current;
    this.#current = null;
    check.done(isRight);
  }

  #arm(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = null;
      this.runSlice();
      if (this.#current || this.#waiting.length > 0) this.#arm();
    });
  }
}
