// Which engine runs the parts: Docker where it answers and has compose v2, else plain processes. The choice is pure; the probe asks.

import { SettingsError } from '@jobstorm/program';
import { complaint, type DockerCli, type Ran } from './docker/cli.ts';

export type EngineKind = 'docker' | 'native';

export interface DockerProbe {
  /** CPUs that the engine's host has; null: no engine answers. */
  cpus: number | null;
  /** Why Docker can't be used, in words; null: it can. */
  whyNot: string | null;
}

export interface EngineChoice {
  kind: EngineKind;
  /** What people should know about the choice; null: nothing. */
  note: string | null;
}

/** What `docker info --format {{.NCPU}}` and `docker compose version` gave. */
export function judgeProbe(info: Ran, compose: Ran): DockerProbe {
  const cpus = Number(info.stdout.trim());
  if (info.missing) return { cpus: null, whyNot: 'there is no docker program on this machine' };
  // An engine that does not answer leaves docker info without its numbers, and with an exit code only in newer versions.
  if (info.code !== 0 || !(cpus > 0)) return { cpus: null, whyNot: `no Docker engine answers (${complaint(info)})` };
  const major = /v?(\d+)\./.exec(compose.stdout)?.[1];
  if (compose.code !== 0 || (major !== undefined && Number(major) < 2)) {
    return {
      cpus,
      whyNot: 'this Docker has no compose v2 (`docker compose version` does not answer): install its plugin',
    };
  }
  return { cpus, whyNot: null };
}

export async function probeDocker(cli: DockerCli): Promise<DockerProbe> {
  const [info, compose] = await Promise.all([
    cli.run(['info', '--format', '{{.NCPU}}']),
    cli.run(['compose', 'version', '--short']),
  ]);
  return judgeProbe(info, compose);
}

/** @throws SettingsError when Docker was asked for and can't be used */
export function chooseEngine(asked: EngineKind | null, probe: DockerProbe): EngineChoice {
  if (asked === 'native') return { kind: 'native', note: null };
  if (probe.whyNot === null) return { kind: 'docker', note: null };
  if (asked === 'docker') throw new SettingsError([`JOBSTORM_ENGINE=docker, but ${probe.whyNot}`]);
  return { kind: 'native', note: `${probe.whyNot}: the parts run as plain processes instead` };
}
