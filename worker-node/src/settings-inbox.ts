// Settings that come from the control room, in the order in which they were sent. Every process of a worker hears of them and
// passes them on, so the same ones come several times, and one whose process was held by a handler brings them late.
// Invariant: settings of a number are taken once, and none that are older than those taken last.

import type { WorkerSettings } from '@jobstorm/telemetry';
import type { WantedSettings } from './messages.ts';

export class SettingsInbox {
  readonly #change: (wanted: WorkerSettings) => string | null;
  #number = Number.NEGATIVE_INFINITY;
  #refusal: string | null = null;

  /** `change` takes them, or says why it can't. */
  constructor(change: (wanted: WorkerSettings) => string | null) {
    this.#change = change;
  }

  /** Why they were not taken; null: they were. */
  take({ number, worker }: WantedSettings): string | null {
    if (number < this.#number) return 'later settings have come in the meantime';
    if (number > this.#number) {
      this.#number = number;
      this.#refusal = Object.keys(worker).length === 0 ? null : this.#change(worker);
    }
    return this.#refusal;
  }
}
