// docker-stats: a watch over this host's containers, and the reporter that brings what it sees to the control room.

import { randomUUID } from 'node:crypto';
import { closeSync, openSync, utimesSync } from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { bearerToken, type RunningPart, runPart } from '@jobstorm/program';
import { type DockerSnapshot, type Hello, makeHello, measureUsage, Reporter } from '@jobstorm/telemetry';
import { DockerEngine, type Engine } from './docker-engine.ts';
import { help, type Settings, settings } from './docker-stats-config.ts';
import { DockerWatch } from './docker-watch.ts';
import { version } from './version.ts';

/** Readings are a second apart, so snapshots need not come oftener. */
const snapshotMs = 1000;

function say(line: string): void {
  process.stderr.write(`jobstorm docker-stats: ${line}\n`);
}

function introduction(host: string): Hello {
  const id = randomUUID();
  return makeHello({
    part: 'docker',
    id,
    host,
    version,
    capCores: null,
    // In a container this is its id, by which the control room knows to which project it belongs.
    group: hostname(),
  });
}

/** A function that touches the file, which it makes at once. @throws Error when that can't be done */
function toucher(path: string): () => void {
  closeSync(openSync(path, 'a'));
  return () => {
    const nowS = Date.now() / 1000;
    utimesSync(path, nowS, nowS);
  };
}

/** What this host is called: as it was told, as the engine says, or as the system does (in a container, that's the container's). */
async function hostNameOf(engine: Engine, told: string | null): Promise<string> {
  if (told !== null) return told;
  return engine.host().then(
    ({ name }) => name,
    () => hostname(),
  );
}

/** Starts to watch and to report. */
export async function startDockerStats(values: Settings): Promise<RunningPart> {
  const { control, engine: where, alive, token, password } = values;
  const engine = new DockerEngine(where);
  const touch = alive === null ? () => {} : toucher(alive);
  const watch = new DockerWatch({
    engine,
    host: { name: '', cores: availableParallelism(), memoryBytes: totalmem() },
    onRound: touch,
    onChange: (unavailable) => say(unavailable ?? 'the Docker engine is back'),
  });
  const snapshot = (): DockerSnapshot => ({
    type: 'docker',
    sentAtUs: Date.now() * 1000,
    ...watch.view(),
    usage: measureUsage(),
  });
  const hello = introduction(await hostNameOf(engine, values.hostName));
  watch.start();
  const reporter = new Reporter({
    url: control,
    hello,
    snapshot,
    intervalMs: snapshotMs,
    token: bearerToken(token, password) ?? undefined,
    onConnection: (connected, reason) =>
      say(connected ? `reports to ${control}` : `the control room at ${control} can't be reached: ${reason}`),
  });
  return {
    ready: { control },
    readyLine: `jobstorm docker-stats: watches the containers of ${where} for ${control}`,
    stop: async () => {
      await Promise.all([watch.stop(), reporter.close()]);
    },
    finished: new Promise(() => {}), // it has no end of its own
  };
}

/** Runs until told to stop; the exit code. */
export function main(argv: readonly string[]): Promise<number> {
  return runPart(argv, { name: 'docker-stats', help, table: settings, start: startDockerStats });
}
