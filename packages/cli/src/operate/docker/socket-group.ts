// The group that may use the engine's socket: what reads containers' figures runs as an ordinary user of that group.

import { statSync } from 'node:fs';

type Env = Readonly<Record<string, string | undefined>>;

/** Group id of the socket as containers see it; 0 where that can't be told from here (Docker Desktop keeps it inside a VM). */
export function socketGroup(env: Env, platform: string = process.platform): number {
  if (platform !== 'linux') return 0;
  const path = env.DOCKER_HOST?.startsWith('unix://')
    ? env.DOCKER_HOST.slice('unix://'.length)
    : '/var/run/docker.sock';
  return statSync(path, { throwIfNoEntry: false })?.gid ?? 0;
}
