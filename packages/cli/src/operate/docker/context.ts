// What everything that works on containers is given.

import type { LiveLine } from '../live-line.ts';
import type { DockerCli } from './cli.ts';

export interface DockerContext {
  cli: DockerCli;
  /** The checkout's real path. */
  dir: string;
  live: LiveLine;
  /** CPUs that the engine's host has. */
  hostCpus: number;
}
