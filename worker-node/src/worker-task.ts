// What a worker as a whole is to do, and the shares of it that its processes get. Pure.
// Invariant: the shares add up to the task, whatever the number of processes, and each has at least one slot.

import type { WorkerSettings } from '@jobstorm/telemetry';
import { usualLanes } from './connection-bounds.ts';
import { parseLimits, parseQueues, type QueueLimits, shareOf } from './queue-rules.ts';

export interface WorkerTask {
  slots: number;
  processes: number;
  /** As --queues takes them: names in strict order, or `name:weight`. */
  queues: readonly string[];
  /** As --queue-slots and --rate-limit take them. */
  queueSlots: readonly string[];
  rateLimit: readonly string[];
  prefetch: number;
}

export interface ProcessShare {
  slots: number;
  queues: readonly string[];
  limits: QueueLimits;
  /** At most, and while nothing comes. */
  connections: number;
  idleConnections: number;
  /** Of each kind, once jobs come fast. */
  lanes: number;
}

// Under 64 in all, the supervisor's own among them, whatever the slots: a job server takes 2,000 connections from everybody
// together. More than 30 processes need more, since each takes at least one to FETCH on and one for ACKs.
const maxConnections = 60;
/** In all processes together while nothing comes, where they are few enough. */
const maxIdleConnections = 14;

/** Of each kind, in every process. */
const leastLanes = 2;

export function connectionsOf(processes: number): number {
  return Math.max(2, Math.floor(maxConnections / processes));
}

function idleConnectionsOf(processes: number): number {
  return Math.max(2, Math.min(4, Math.floor(maxIdleConnections / processes)));
}

/** As the control room knows it. */
export function settingsOf({ queues, queueSlots, rateLimit, ...counts }: WorkerTask): Required<WorkerSettings> {
  return { ...counts, queues: [...queues], queueSlots: [...queueSlots], rateLimit: [...rateLimit] };
}

/** A lane has a read and a write of its own for what may be a few jobs, so those that all processes open at once are as many as one would. */
function lanesOf(processes: number): number {
  return Math.max(leastLanes, Math.ceil(usualLanes / processes));
}

/** A share for each process. @throws RangeError with a sentence when limits don't fit the queues */
export function shareOut(task: WorkerTask): ProcessShare[] {
  const { queues, queueSlots, rateLimit, prefetch } = task;
  const processes = Math.min(task.processes, task.slots);
  const limits = parseLimits(parseQueues(queues), queueSlots, rateLimit, prefetch);
  return Array.from({ length: processes }, (_, index) => ({
    slots: Math.floor((task.slots + index) / processes),
    queues,
    limits: shareOf(limits, index, processes),
    connections: connectionsOf(processes),
    idleConnections: idleConnectionsOf(processes),
    lanes: lanesOf(processes),
  }));
}
