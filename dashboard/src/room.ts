// What can be asked of a control room, whether it runs in this process (ControlRoom) or elsewhere (RoomClient).

import type { ApiSettings, ClockOffset, SettingsOutcome, WorkerSettings } from '@jobstorm/telemetry';
import type { RunView } from './run-view.ts';
import type { ApiView, HostView, RunCounts, RunPulse, ServerView, WorkerView } from './view.ts';

export type Answer<T> = T | Promise<T>;

/** Something is new: these runs' counts, or (no runs) only who is there. */
export interface RoomChange {
  runs: readonly RunCounts[];
}

export type RoomListener = (change: RoomChange) => void;

export interface Room {
  /** Worker processes that are connected now and have reported. */
  workers(): Answer<WorkerView[]>;
  /** api-services that are connected now and have reported. */
  apis(): Answer<ApiView[]>;
  /** Merged over all that took part; null: nobody has reported that run. */
  run(run: string): Answer<RunView | null>;
  /** How it goes, without its ledgers; null: nobody has reported that run, or the control room is too old to say. */
  pulse(run: string): Answer<RunPulse | null>;
  /** Counts of the runs it remembers, the one that moved last at the end. */
  runs(): Answer<RunCounts[]>;
  /** The job server's own figures; null: the room was not given its address. */
  server(): Answer<ServerView | null>;
  /** Containers by host, where a docker-stats reports. */
  hosts(): Answer<HostView[]>;
  /** How far the room's clock is ahead of the one who asks. */
  clockOffset(): Answer<ClockOffset | null>;
  /** Asks every part for a snapshot; settles when all have answered or gone, after a second at the latest. */
  poll(): Promise<void>;
  /**
   * Changes settings of a part that runs, by its id, or of a whole worker, by the group of its processes; what is absent stays. Settles
   * with what became of it. @throws JobstormError ENOPART when it is not connected, EMESSAGE for what are no settings of it,
   * ENOANSWER when it says nothing within 5 s
   */
  configure(id: string, wanted: WorkerSettings | ApiSettings): Promise<SettingsOutcome>;
  /** In process it hears of each snapshot, else at most twice a second and after a poll. Returns how to stop it. */
  subscribe(listener: RoomListener): () => void;
}
