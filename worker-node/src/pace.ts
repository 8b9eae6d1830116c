// What the lanes of one worker know together about the way to the server. The worker keeps it up to date.

export interface Pace {
  /** Shortest round trip seen, in milliseconds. */
  roundTripMs: number;
  /** Reads wait for each other (see `Pulse`), so when a reply was read says little. */
  gathering: boolean;
  /** Reading is paused at this moment: what is written now is not answered sooner than what waits for the end of the pause. */
  paused: boolean;
}
