// What happens once per turn of the event loop, after its input was read: connections that were woken (a job came for their
// FETCH) run the commands behind it, then every connection that has something to send sends it, in one write each.
// Gathering here means one system call for many replies. All replies leave through here, so this is also the place
// where replies can be held back until what they promise is on disk.

export interface TurnMember {
  /** Runs the commands that it has ready. */
  run(): void;
  /** Sends what it has gathered. */
  send(): void;
}

export class Turn {
  #woken: TurnMember[] = [];
  #sending: TurnMember[] = [];
  #immediate: NodeJS.Immediate | null = null;

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
    const sending = this.#sending;
    this.#sending = [];
    for (const member of sending) member.send();
  }

  #arm(): void {
    this.#immediate ??= setImmediate(() => {
      this.#immediate = null;
      this.end();
    });
  }
}
