// What happens once per turn of the event loop, after its input was read: connections that were woken (a job came for their
// FETCH) run the commands behind it, then every connection that has something to send sends it, in one write each.
// Gathering here means one system call for many replies. All replies leave through here, so this is also the place
// where replies are held back until what they promise is on disk, and where the moment for the next sync is chosen:
//
//   send ─▶ nothing promised, or all of it stored ─▶ out            held ──(a group was stored)──▶ out
//       └─▶ else: held, and with it whatever its connection sends later
//
//   a turn brought input, and little is gathered ─▶ one more turn          a turn brought nothing, or half a millisecond is over,
//   or enough is gathered ─▶ commit what is gathered, then send what the last group held back: disk and replies side by side
//
// Invariant: the replies of one connection go out in the order in which they came here.

export interface TurnMember {
  /** Runs the commands that it has ready. */
  run(): void;
  /** Sends what it has gathered. */
  send(): void;
  /** Takes what it has gathered back, to be sent by `sendHeld`; may be empty. */
  holdBack(): string;
  sendHeld(text: string): void;
  /** Its replies go out once everything up to this position is stored. Never falls. */
  readonly heldUntil: number;
  /** Commands may be run again. */
  resume(): void;
}

/** Who stores what replies promise. Positions grow with every change. */
export interface Keeper {
  readonly position: number;
  /** Everything up to here is stored. */
  readonly stored: number;
  /** So much waits to be stored that no more commands should be run. */
  readonly isCrowded: boolean;
  /** Bytes that `commit` would begin to store; 0 also while it would do nothing, because some are being stored. */
  readonly ready: number;
  /** Begins to store what there is. */
  commit(): void;
  /** Called when there is something to commit. */
  onDirty: () => void;
  /** Called when `stored` has grown, or it may not be crowded any more. */
  onStored: () => void;
}

/** However much comes in, what there is is stored after this, in ms: about what a sync takes. */
const patienceMs = 0.5;

/** From here on, more bytes would cost the disk more time than another sync. */
const worthwhileBytes = 12 * 1024;

interface Held {
  member: TurnMember;
  text: string;
  until: number;
}

export class Turn {
  readonly #keeper: Keeper | null;
  #woken: TurnMember[] = [];
  #sending: TurnMember[] = [];
  #held: Held[] = [];
  #parked: TurnMember[] = [];
  #immediate: NodeJS.Immediate | null = null;
  /** Replies that promise what lies up to here are sent. At most what is stored: the rest of it is released within the turn. */
  #released = 0;
  readonly #nowMs: () => number;
  /** Since when turns bring more; null: the last one brought nothing, or nothing waited for that. */
  #busySinceMs: number | null = null;

  /** @param keeper null: nothing is stored, so nothing is held back */
  constructor(keeper: Keeper | null = null, nowMs: () => number = () => performance.now()) {
    this.#keeper = keeper;
    this.#nowMs = nowMs;
    if (!keeper) return;
    keeper.onDirty = () => this.#arm();
    keeper.onStored = () => this.#arm();
    this.#released = keeper.stored;
  }

  /** Where the changes are, for `heldUntil`. */
  get position(): number {
    return this.#keeper === null ? 0 : this.#keeper.position;
  }

  /** Members should `park` instead of running commands. */
  get isCrowded(): boolean {
    return this.#keeper?.isCrowded ?? false;
  }

  /** To be run in this turn; call it once per wake-up. */
  wake(member: TurnMember): void {
    this.#woken.push(member);
    this.#arm();
  }

  /** Has something to send in this turn; call it once until `send`. */
  gather(member: TurnMember): void {
    this.#sending.push(member);
    this.#arm();
  }

  /** To be resumed when it is not crowded any more. */
  park(member: TurnMember): void {
    this.#parked.push(member);
  }

  /** Sends what a member has gathered, or holds it back. */
  send(member: TurnMember): void {
    if (this.#keeper === null || member.heldUntil <= this.#released) {
      member.send();
      return;
    }
    const text = member.holdBack();
    if (text !== '') this.#held.push({ member, text, until: member.heldUntil });
  }

  /** Ends the turn now. */
  end(): void {
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#immediate = null;
    // Those that run may wake others.
    while (this.#woken.length > 0) {
      const woken = this.#woken;
      this.#woken = [];
      for (const member of woken) member.run();
    }
    if (this.#keeper !== null) this.#keep(this.#keeper);
    const sending = this.#sending;
    this.#sending = [];
    for (const member of sending) this.send(member);
  }

  /**
   * Once a turn brings nothing: what comes in while there is more to read is stored by one sync, not by many. The disk gets its work
   * before replies are sent, which takes a while.
   */
  #keep(keeper: Keeper): void {
    const isStored = keeper.stored > this.#released || this.#parked.length > 0;
    const { ready } = keeper;
    if (!isStored && ready === 0) return;
    if (this.#sending.length > 0 && ready < worthwhileBytes && this.#isPatient()) {
      this.#arm();
      return;
    }
    this.#busySinceMs = null;
    keeper.commit();
    if (isStored) this.#release(keeper.stored);
  }

  #isPatient(): boolean {
    const nowMs = this.#nowMs();
    this.#busySinceMs ??= nowMs;
    return nowMs - this.#busySinceMs < patienceMs;
  }

  /** Sends what was held back for what is stored now. */
  #release(stored: number): void {
    this.#released = stored;
    const held = this.#held;
    this.#held = [];
    for (const piece of held) {
      if (piece.until <= stored) piece.member.sendHeld(piece.text);
      else this.#held.push(piece);
    }
    if (this.#parked.length === 0 || this.isCrowded) return;
    const parked = this.#parked;
    this.#parked = [];
    for (const member of parked) member.resume();
  }

  #arm(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = null;
      this.end();
    });
  }
}
