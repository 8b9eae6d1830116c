// The api-service for programs: start one in this process, or run the command.

export { type ApiOptions, type RunningApi, startApi } from './api.ts';
export type { BatchSettings } from './batcher.ts';
export { main } from './command.ts';
