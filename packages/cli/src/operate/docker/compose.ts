// One compose project of the checkout: its name, its files, and the docker calls on it. Invariant: each call names the project and
// its files, so nothing depends on a working directory or on COMPOSE_ variables.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { JobstormError } from '@jobstorm/protocol';
import { composeFiles, type ProjectSide, projectName } from '../checkout.ts';
import { type Caps, type ComposeConfig, planCaps } from './caps.ts';
import { complaint, type DockerCli } from './cli.ts';

type Variables = Readonly<Record<string, string>>;

export interface UpOptions {
  beside?: number;
  /** Hears each line of docker's. */
  onLine?: (line: string) => void;
}

export class ComposeProject {
  readonly name: string;
  readonly #cli: DockerCli;
  readonly #dir: string;
  readonly #file: string;
  readonly #profiles: readonly string[];
  /** What the files interpolate, beside the environment and `.env`. */
  readonly #variables: Variables;
  #capped = false;

  constructor(
    cli: DockerCli,
    dir: string,
    side: ProjectSide,
    variables: Variables = {},
    profiles: readonly string[] = [],
  ) {
    this.name = projectName(dir, side);
    this.#cli = cli;
    this.#dir = dir;
    this.#file = composeFiles[side];
    this.#profiles = profiles;
    this.#variables = variables;
  }

  get #capsFile(): string {
    return join('.jobstorm', `${this.name}.caps.yml`);
  }

  #args(words: readonly string[]): string[] {
    const files = this.#capped ? ['-f', this.#file, '-f', this.#capsFile] : ['-f', this.#file];
    const profiles = this.#profiles.flatMap((profile) => ['--profile', profile]);
    return ['compose', '-p', this.name, ...files, '--progress', 'plain', ...profiles, ...words];
  }

  /** The files as compose understands them. @throws JobstormError ECOMPOSE with what is wrong in them */
  async config(): Promise<ComposeConfig> {
    const ran = await this.#cli.run(this.#args(['config', '--format', 'json']), { env: this.#variables });
    if (ran.code !== 0) throw new JobstormError('ECOMPOSE', `${this.#file}: ${complaint(ran)}`);
    return JSON.parse(ran.stdout) as ComposeConfig;
  }

  /** Later calls keep to what the host has. */
  cap(config: ComposeConfig, hostCpus: number): Caps {
    const caps = planCaps(config, hostCpus);
    const path = join(this.#dir, this.#capsFile);
    this.#capped = caps.override !== null;
    if (caps.override === null) {
      rmSync(path, { force: true });
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, caps.override);
    }
    return caps;
  }

  /** @throws JobstormError ECOMPOSE with docker's reason */
  async run(words: readonly string[], onLine?: (line: string) => void): Promise<void> {
    const ran = await this.#cli.run(this.#args(words), { env: this.#variables, ...(onLine && { onLine }) });
    if (ran.code !== 0) throw new JobstormError('ECOMPOSE', `docker compose ${words[0]}: ${complaint(ran)}`);
  }

  /** Ends and removes containers and networks, also those of services that the files no longer have. Volumes stay. */
  async down(): Promise<void> {
    // Without the files: those of the worker want variables that nobody has to set to end it.
    const ran = await this.#cli.run(['compose', '-p', this.name, '--progress', 'plain', 'down', '--remove-orphans']);
    if (ran.code !== 0) throw new JobstormError('ECOMPOSE', `docker compose down: ${complaint(ran)}`);
  }

  /** `beside`: containers that run stay as they are; unless 0, one more than so many are to be there then. */
  up(services: readonly string[], { beside, onLine }: UpOptions = {}): Promise<void> {
    const scale = beside ? services.flatMap((name) => ['--scale', `${name}=${beside + 1}`]) : [];
    const kept = beside === undefined ? [] : ['--no-recreate', ...scale];
    return this.run(['up', '-d', '--no-build', '--no-deps', '--quiet-pull', ...kept, ...services], onLine);
  }
}
