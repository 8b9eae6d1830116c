// When replies are given, in terms of the disk: `always` once their records are synced, which a power cut does not undo; otherwise
// once they are handed to the system, which the end of this process does not undo, with a sync every 100 ms or none.

export const fsyncModes = ['always', 'interval', 'never'] as const;

export type Fsync = (typeof fsyncModes)[number];

/** Between two syncs of `interval`. */
export const syncEveryMs = 100;
