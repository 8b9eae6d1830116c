// Changes workers without a job that fails or is lost: for each old one a new one is started first, and the old one leaves when
// what it runs is done. Whoever calls it says what a worker is: a process, a container.
//
//   old 1 ────────── new 1 ready ──▶ leaves ──▶ gone
//   old 2 ──────────────────────────────────── new 2 ready ──▶ leaves ──▶ gone
//
// Invariant: at no time do fewer workers fetch than there were. When a new one can't be started, the old ones that are left stay.

/** What tells `jobstorm worker` to fetch no more and to end when what runs is done, however long that takes. */
export const leaveSignal = 'SIGUSR2';

export interface OldWorker {
  /** Tells it to leave (`leaveSignal`); settles when it has ended. */
  leave(): Promise<void>;
}

/** `startNext` settles when the new one fetches jobs. @throws what `startNext` or `leave` throw */
export async function rollOver(old: readonly OldWorker[], startNext: () => Promise<void>): Promise<void> {
  for (const worker of old) {
    await startNext();
    await worker.leave();
  }
}
