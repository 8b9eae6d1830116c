// How the connections that a process may hold are shared out among lanes. FETCH and ACK lanes are even in number: with fewer for
// ACKs these come behind the jobs.

import type { LaneBounds } from './lane-count.ts';

/** Lanes of each kind that pay with any server that works off one command of a connection at a time, for a worker as a whole. */
export const usualLanes = 8;
const coldLanes = 2;

export interface ConnectionShare {
  /** Connections of both kinds together that a process may hold, and while nothing comes. */
  connections: number;
  idle: number;
  /** Lanes of each kind that it opens before it knows whether more of them pay. */
  usual: number;
}

/** Lanes of one kind for a process with that many slots. */
export function laneBounds({ connections, idle, usual }: ConnectionShare, slots: number): LaneBounds {
  const max = Math.max(1, Math.min(Math.floor(connections / 2), slots));
  const atOnce = Math.min(usual, max);
  return { max, usual: atOnce, cold: Math.max(1, Math.min(coldLanes, Math.floor(idle / 2), atOnce)) };
}
