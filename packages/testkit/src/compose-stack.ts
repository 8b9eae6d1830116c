// A compose project that a test owns: its containers, networks, volumes and images carry a name of their own, so that it gets along
// with whatever else the engine runs, and nothing of it is left after remove().

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

export interface DockerEnd {
  code: number | null;
  /** Both streams, in the order they came. */
  output: string;
  stdout: string;
}

/** What `docker inspect` says of a container, as far as tests look. */
export interface InspectedContainer {
  Id: string;
  RestartCount: number;
  State: {
    Status: string;
    ExitCode: number;
    OOMKilled: boolean;
    Health?: { Status: string; Log: { Output: string }[] };
  };
  Config: { User: string; Labels: Record<string, string>; StopTimeout?: number };
  HostConfig: {
    NanoCpus: number;
    Memory: number;
    ReadonlyRootfs: boolean;
    Privileged: boolean;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    Init: boolean | null;
    RestartPolicy: { Name: string };
    Binds: string[] | null;
  };
  Mounts: { Type: string; Source: string; Destination: string; RW: boolean }[];
}

/** Runs `docker ARGS` to its end, with these variables and none of the caller's that compose files read. */
export function docker(args: readonly string[], { cwd, env }: { cwd?: string; env?: Record<string, string> } = {}) {
  const kept = ['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG', 'DOCKER_CONTEXT'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return new Promise<DockerEnd>((resolve, reject) => {
    const child = spawn('docker', args, {
      ...(cwd !== undefined && { cwd }),
      env: { ...Object.fromEntries(kept), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = { output: '', stdout: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      end.stdout += text;
      end.output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      end.output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...end }));
  });
}

/** The same, for what has to work: its standard output without the last newline. @throws Error with all that it said */
export async function dockerOutput(args: readonly string[], options?: Parameters<typeof docker>[1]): Promise<string> {
  const { code, output, stdout } = await docker(args, options);
  if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}:\n${output}`);
  return stdout.trimEnd();
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

export interface ComposeStackOptions {
  /** The project's name. */
  name: string;
  /** Folder of the compose file. */
  dir: string;
  file: string;
  /** What the file interpolates. */
  env: Record<string, string>;
  /** Text of a compose file to lay over it, written into `dir`. */
  override?: string;
}

export class ComposeStack {
  readonly name: string;
  readonly #options: ComposeStackOptions;
  readonly #files: readonly string[];

  constructor(options: ComposeStackOptions) {
    this.name = options.name;
    this.#options = options;
    const override = `${options.name}.override.yml`;
    if (options.override !== undefined) writeFileSync(join(options.dir, override), options.override);
    this.#files = [options.file, ...(options.override === undefined ? [] : [override])].flatMap((file) => ['-f', file]);
  }

  /** Runs `docker compose ARGS` on the project. @throws Error with all that it said when it fails */
  async compose(...args: string[]): Promise<DockerEnd> {
    const { dir, env } = this.#options;
    const words = ['compose', '-p', this.name, ...this.#files, '--progress', 'plain', ...args];
    const end = await docker(words, { cwd: dir, env });
    if (end.code !== 0) throw new Error(`docker compose ${args.join(' ')} ended with ${end.code}:\n${end.output}`);
    return end;
  }

  #label = () => `label=com.docker.compose.project=${this.name}`;

  /** All its containers, running or not, by service. */
  async containers(): Promise<Map<string, InspectedContainer>> {
    const ids = lines(await dockerOutput(['ps', '-aq', '--filter', this.#label()]));
    const found = ids.length === 0 ? '[]' : await dockerOutput(['inspect', ...ids]);
    const list = JSON.parse(found) as InspectedContainer[];
    return new Map(list.map((one) => [one.Config.Labels['com.docker.compose.service'] ?? '', one]));
  }

  /** Settles once all its containers are healthy. @throws Error naming the others with what their checks said last */
  async healthy(timeoutMs = 60_000): Promise<void> {
    let unwell: string[] = [];
    await until(
      'all to be healthy',
      async () => {
        const all = [...(await this.containers())];
        unwell = all.flatMap(([service, { State }]) =>
          State.Health?.Status === 'healthy'
            ? []
            : [`${service} ${State.Status} ${State.Health?.Status}: ${State.Health?.Log.at(-1)?.Output ?? ''}`],
        );
        return all.length > 0 && unwell.length === 0;
      },
      { timeoutMs, intervalMs: 250 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}; ${unwell.join('; ')}`);
    });
  }

  /** Containers, networks and volumes of the project that there are, a phrase each. */
  async left(): Promise<string[]> {
    const kinds = { container: ['ps', '-aq'], network: ['network', 'ls', '-q'], volume: ['volume', 'ls', '-q'] };
    const lists = Object.entries(kinds).map(async ([kind, words]) =>
      lines(await dockerOutput([...words, '--filter', this.#label()])).map((id) => `${kind} ${id}`),
    );
    return (await Promise.all(lists)).flat();
  }

  /** Ends it and deletes its volumes and its own images. */
  async remove(): Promise<void> {
    await this.compose('--profile', '*', 'down', '--volumes', '--remove-orphans', '--rmi', 'local', '--timeout', '10');
  }
}
