// Whether more hosts, a bigger host or neither would help against a bottleneck: `(bottleneck, measurements) → sentence`, pure.

import type { Measurements } from './measurements.ts';
import type { Bottleneck } from './verdict.ts';

export interface Scaling {
  helps: 'more hosts' | 'bigger host' | 'either' | 'neither';
  because: string;
}

const neither = (because: string): Scaling => ({ helps: 'neither', because });
const moreHosts = (because: string): Scaling => ({ helps: 'more hosts', because });
const either = (because: string): Scaling => ({ helps: 'either', because });

function ofServer({ cpu: { server } }: Measurements): Scaling {
  if (server.oneThread && (server.capCores ?? 1) >= 1)
    return moreHosts('the server is one thread: a bigger host gives it nothing, a second server beside it does');
  if (server.capCores !== null && server.hostCores != null && server.capCores < server.hostCores) {
    return neither('its host has cores that the server may not use yet');
  }
  return {
    helps: 'bigger host',
    because: 'the server takes more cores on one host; workers on more hosts would only wait for it',
  };
}

const byBottleneck: Record<Bottleneck, (m: Measurements) => Scaling> = {
  'too-short': () => neither('nothing is known yet'),
  unclear: () => neither('nothing is known yet'),
  'machine-cpu': () => either('all parts share this machine, and it is full'),
  'worker-cpu': () => either('workers take all the CPU that they are given'),
  throttling: () => neither('a CPU quota holds the workers back, not their host'),
  slots: () => neither('slots wait in handlers, and the workers have CPU to spare for more of them'),
  server: ofServer,
  'server-redis': () => moreHosts('Redis is one thread: a second server beside it has one of its own'),
  'server-disk': () => neither('the disk is what the server waits for'),
  network: () => neither('the link is full: less on it for each job, or a faster link'),
  fetch: () => neither('slots wait for round trips, and everybody has CPU to spare'),
  generator: () => moreHosts('a second generator on another host; the measured system had more to give'),
  api: () => moreHosts('an api-service is one thread: a second one takes as much again'),
  batcher: () => neither('jobs wait for their batch, and everybody has CPU to spare'),
  'offered-rate': () => neither('it kept up with what was offered'),
};

export function scalingOf(bottleneck: Bottleneck, m: Measurements): Scaling {
  return byBottleneck[bottleneck](m);
}
