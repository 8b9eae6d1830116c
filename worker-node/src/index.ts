// The only door to worker-node: its command, and the pipelined engine for whoever embeds it.

export { planWorker, type WorkerPlan } from './config.ts';
export type { Engine, EngineName, WorkerOptions } from './engine.ts';
export { builtInHandlers, type Handler, type HandlerContext, type Handlers, type Repertoire } from './handlers.ts';
export { type HandlerRules, type JobsModule, loadJobsFile, type Registry } from './jobs-file.ts';
export type { Middleware } from './middleware.ts';
export { main } from './part.ts';
export { leaveSignal, type OldWorker, rollOver } from './roll-over.ts';
export { Worker } from './worker.ts';
export { connectionsOf } from './worker-task.ts';
