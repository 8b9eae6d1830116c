// A copy of this checkout whose recipes run on the Docker engine of this machine, at ports of its own. Invariant: whatever way
// this process ends, its containers, networks, volumes and images are gone, and so is the folder.

import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProjectSide, projectName } from '@jobstorm/cli';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { Checkout, docker, dockerOutput, freePort } from '@jobstorm/testkit';

/** What the Dockerfile builds on. */
export const baseImage = process.env.NODE_IMAGE || 'node:24-bookworm-slim';
const root = fileURLToPath(new URL('..', import.meta.url));

/** Why nothing can be measured in containers here, as a sentence; null: it can. */
export async function whyNoEngine(): Promise<string | null> {
  const { code, output } = await docker(['image', 'inspect', '--format', '{{.Id}}', baseImage]).catch(
    (error: Error) => ({
      code: 1,
      output: error.message,
    }),
  );
  return code === 0 ? null : `no Docker engine with ${baseImage}, this case is left out: ${output.trim()}`;
}

export class ContainerCluster {
  readonly checkout: Checkout;
  readonly env: Readonly<Record<string, string>>;

  private constructor(checkout: Checkout, firstPort: number, env: Readonly<Record<string, string>>) {
    this.checkout = checkout;
    const names = ['FAKTORY_PORT', 'FAKTORY_WEB_PORT', 'API_PORT', 'DASHBOARD_PORT'];
    this.env = { ...env, ...Object.fromEntries(names.map((name, i) => [name, String(firstPort + i)])) };
  }

  /** `env`: settings of all its recipes. */
  static async make(env: Readonly<Record<string, string>> = {}): Promise<ContainerCluster> {
    const cluster = new ContainerCluster(new Checkout(root), await freePort(4), env);
    // In the end and not after each run: the images are what takes long to make.
    process.once('exit', () => cluster.#remove());
    return cluster;
  }

  /** `just ARGS`, as people type it. @throws Error with what it said when it fails */
  async just(...args: string[]): Promise<void> {
    await this.checkout.expect(args, this.env);
  }

  /** The same without just. */
  async jobstorm(...args: string[]): Promise<void> {
    const { code, output } = await this.checkout.jobstorm(args, this.env);
    if (code !== 0) throw new Error(`jobstorm ${args.join(' ')} ended with ${code}:\n${output}`);
  }

  secret(name: 'FAKTORY_PASSWORD' | 'JOBSTORM_TOKEN'): string {
    const text = readFileSync(join(this.checkout.dir, '.env'), 'utf8');
    return new RegExp(`^${name}=(.+)$`, 'm').exec(text)?.[1] ?? '';
  }

  /** To its job server. */
  connect(): Promise<Client> {
    const password = encodeURIComponent(this.secret('FAKTORY_PASSWORD'));
    return Client.connect({ address: parseServerUrl(`tcp://:${password}@127.0.0.1:${this.env.FAKTORY_PORT}`) });
  }

  /** Ids of its containers that run, with the part that each is. */
  async containers(): Promise<{ id: string; part: string; project: string }[]> {
    const mine = `label=com.docker.compose.project.working_dir=${this.checkout.dir}`;
    const format = '{{.ID}} {{.Label "io.jobstorm.part"}} {{.Label "com.docker.compose.project"}}';
    const text = await dockerOutput(['ps', '--filter', mine, '--format', format]);
    return text.split('\n').map((line) => {
      const [id = '', part = '', project = ''] = line.split(' ');
      return { id, part, project };
    });
  }

  /** The compose project of one side, as `just` names it. */
  project(side: ProjectSide): string {
    return projectName(realpathSync(this.checkout.dir), side);
  }

  #remove(): void {
    const { dir } = this.checkout;
    try {
      execFileSync(process.execPath, ['bin/jobstorm', 'clean', '--yes'], { cwd: dir, stdio: 'ignore' });
    } catch (error) {
      process.stderr.write(
        `bench: containers or images are left, \`node bin/jobstorm clean\` in ${dir} ends them: ${error}\n`,
      );
      return;
    }
    this.checkout.remove();
  }
}
