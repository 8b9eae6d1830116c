// The embedded server's only door.
export { type Clock, systemClock } from './clock.ts';
export { main } from './command.ts';
export type { InfoDocument } from './info.ts';
export { type RunningServer, type ServerOptions, startServer } from './server.ts';
