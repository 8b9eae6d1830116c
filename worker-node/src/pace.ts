// What the lanes of one worker know together about the way to the server. The worker keeps it up to date.

export interface Pace {
  /** Shortest round trip seen, in milliseconds. */
  roundTripMs: number;
  /** Reads wait for each other (see `Pulse`), so when a reply was read says little. */
  gathering: boolean;
}
