// The control room: embedded by the command line, or asked from afar. The door of this workspace.

export { main } from './command.ts';
export { ControlRoom, type ControlRoomOptions, type PartLink } from './control-room.ts';
export { PageState } from './page-state.ts';
export type { Answer, Room, RoomChange, RoomListener } from './room.ts';
export { RoomClient, type RoomClientOptions } from './room-client.ts';
export type { RunModel } from './run-model.ts';
export { RunView } from './run-view.ts';
export { type ControlRoomServer, type ControlRoomServerOptions, startControlRoom } from './server.ts';
export type {
  ApiView,
  ContainerView,
  HostView,
  LatencyUs,
  RoomStats,
  RunCounts,
  RunData,
  RunPart,
  RunPulse,
  RunSummary,
  ServerView,
  WatchMessage,
  WorkerView,
} from './view.ts';
