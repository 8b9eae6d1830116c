// How the connections that a process may hold are shared out among lanes. FETCH and ACK lanes are even in number: with fewer for
// ACKs these come behind the jobs.

import type { LaneBounds } from './lane-count.ts';

/** Lanes of each kind that pay with any server that works off one command of a connection at a time. */
const usualLanes = 8;
const coldLanes = 2;

/** Lanes of one kind, of as many connections in all. An idle process holds no more than `idle`, a busy one no more than `connections`. */
export function laneBounds(connections: number, idle: number, slots: number): LaneBounds {
  const max = Math.max(1, Math.min(Math.floor(connections / 2), slots));
  const usual = Math.min(usualLanes, max);
  return { max, usual, cold: Math.max(1, Math.min(coldLanes, Math.floor(idle / 2), usual)) };
}
