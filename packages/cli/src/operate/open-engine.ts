// The engine of a command: the one that JOBSTORM_ENGINE names, else Docker where it can be used, else plain processes.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DockerCli } from './docker/cli.ts';
import { DockerEngine } from './docker/engine.ts';
import type { Engine } from './engine.ts';
import { chooseEngine, type EngineKind, probeDocker } from './engine-probe.ts';
import type { LiveLine } from './live-line.ts';

export interface EngineOptions {
  asked: EngineKind | null;
  dir: string;
  env: Readonly<Record<string, string | undefined>>;
  live: LiveLine;
}

async function native({ dir, live }: EngineOptions): Promise<Engine> {
  const { NativeEngine } = await import('./native/engine.ts');
  return new NativeEngine(dir, (line) => live.say(line));
}

/** Says in one line why it is plain processes where nobody asked for them. @throws SettingsError when the one asked for can't be used */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { asked, dir, env, live } = options;
  if (asked === 'native') return native(options);
  const cli = new DockerCli(dir, env);
  const probe = await probeDocker(cli);
  const choice = chooseEngine(asked, probe);
  if (choice.note) live.say(choice.note);
  return choice.kind === 'docker' ? new DockerEngine({ cli, dir, live, hostCpus: probe.cpus! }) : native(options);
}

function hasNativeParts(dir: string): boolean {
  try {
    return readdirSync(join(dir, '.jobstorm', 'parts')).length > 0;
  } catch {
    return false;
  }
}

/** The engine, and plain processes besides when some were started while no engine answered: to look after all that runs here. */
export async function openEngines(options: EngineOptions): Promise<Engine[]> {
  const engine = await openEngine(options);
  return engine.kind === 'docker' && hasNativeParts(options.dir) ? [engine, await native(options)] : [engine];
}
