// What the doctor says about Docker: the engine, compose, and what runs the parts. Facts in, findings out.

import type { EngineKind } from '../engine-probe.ts';
import { type Finding, fix, ok, warn } from './finding.ts';

export interface DockerFacts {
  /** JOBSTORM_ENGINE */
  asked: EngineKind | null;
  /** Versions; null: it does not answer. */
  engine: string | null;
  compose: string | null;
  /** Why it can't be used; null: it can. */
  whyNot: string | null;
  /** What the engine has; null: it does not answer. */
  cpus: number | null;
  memoryBytes: number | null;
}

const neededEngine = 20;
const neededCompose = 2;
const majorOf = (version: string) => Number(/\d+/.exec(version)?.[0] ?? Number.NaN);

const installCompose =
  'install the compose plugin (docker-compose-plugin, or https://docs.docker.com/compose/install), or JOBSTORM_ENGINE=native';

function remedyOf(whyNot: string): string {
  if (/permission denied/i.test(whyNot)) return 'sudo usermod -aG docker $USER, and log in again';
  if (/no docker program/.test(whyNot))
    return 'install Docker (https://docs.docker.com/engine/install), or leave it so';
  return 'start it (sudo systemctl start docker), or leave it so';
}

function checkEngine({ engine }: DockerFacts): Finding[] {
  if (engine === null) return [];
  return majorOf(engine) < neededEngine
    ? [warn('docker', `Docker ${engine} is old`, `install ${neededEngine}.10 or newer`)]
    : [ok('docker', `Docker ${engine}`)];
}

/** One finding for each of the engine and compose, or one that says what runs the parts instead. */
export function checkDocker(facts: DockerFacts): Finding[] {
  const { asked, compose, engine, whyNot } = facts;
  if (asked === 'native') return [ok('docker', 'JOBSTORM_ENGINE=native: the parts run as plain processes')];
  if (engine !== null && (compose === null || majorOf(compose) < neededCompose)) {
    const has = compose === null ? 'has no compose v2' : `has compose ${compose}, and v2 is needed`;
    return [...checkEngine(facts), fix('compose', `Docker ${engine} ${has}`, installCompose)];
  }
  if (whyNot !== null) {
    const text = `${whyNot}: server and worker run as plain processes, server-node in Faktory's place`;
    return [
      asked === 'docker'
        ? fix('docker', `JOBSTORM_ENGINE=docker, but ${whyNot}`, remedyOf(whyNot))
        : warn('docker', text, remedyOf(whyNot)),
    ];
  }
  return [...checkEngine(facts), ok('compose', `compose ${compose}`)];
}
