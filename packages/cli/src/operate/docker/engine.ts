// The parts as containers, by Docker compose: a project for the server side and one for the worker. Invariant: only containers,
// networks, volumes and images of this checkout's two projects are touched.

import { JobstormError } from '@jobstorm/protocol';
import { Interrupt } from '../../interrupt.ts';
import { type ProjectSide, projectName } from '../checkout.ts';
import type { Engine, PartStatus, ServerPlan, ServerUp, Side, WorkerPlan, WorkerUp } from '../engine.ts';
import { ComposeProject } from './compose.ts';
import {
  containersOf,
  type InspectedContainer,
  partLabel,
  partStatus,
  projectLabel,
  serviceLabel,
} from './containers.ts';
import type { DockerContext } from './context.ts';
import { projectImages } from './images.ts';
import { showLogs } from './logs.ts';
import { upServer } from './server.ts';
import { upWorker } from './worker.ts';

/** Workers first: they hold jobs of the server. */
const sides: Record<Side, readonly ProjectSide[]> = {
  all: ['worker', 'server'],
  server: ['server'],
  worker: ['worker'],
};

export class DockerEngine implements Engine {
  readonly kind = 'docker';
  readonly #context: DockerContext;

  constructor(context: DockerContext) {
    this.#context = context;
  }

  upServer(plan: ServerPlan): Promise<ServerUp> {
    return this.#interruptible(() => upServer(this.#context, plan), goesOn('server'));
  }

  upWorker(plan: WorkerPlan): Promise<WorkerUp> {
    return this.#interruptible(() => upWorker(this.#context, plan), goesOn('worker'));
  }

  down(side: Side): Promise<string[]> {
    return this.#interruptible(async () => {
      const containers = await this.#containers(side);
      for (const project of sides[side]) {
        const own = containers.filter(({ Config }) => Config.Labels?.[projectLabel] === this.#name(project));
        await this.#end(project, own);
      }
      this.#context.live.clear();
      return containers.map((container) => `${describe(container)} ended`);
    });
  }

  async status(): Promise<PartStatus[]> {
    return (await this.#containers('all')).map(partStatus);
  }

  async logs(part: string | null, follow: boolean): Promise<number> {
    return showLogs(this.#context.cli, await this.#containers('all'), part, follow);
  }

  async leftovers(): Promise<string[]> {
    const [containers, volumes, images] = await Promise.all([this.#containers('all'), this.#volumes(), this.#images()]);
    return [
      ...containers.map(describe),
      ...volumes.map((name) => `volume ${name}, with ${keeps(name)}`),
      ...images.map((name) => `image ${name}`),
    ];
  }

  clean(): Promise<string[]> {
    return this.#interruptible(async () => {
      const { cli, live } = this.#context;
      const done = await this.down('all');
      const [volumes, images] = await Promise.all([this.#volumes(), this.#images()]);
      live.doing('deleting volumes and images');
      if (volumes.length > 0) await cli.read(['volume', 'rm', ...volumes]);
      if (images.length > 0) await cli.read(['image', 'rm', ...images]);
      live.clear();
      return [
        ...done,
        ...volumes.map((name) => `volume ${name} deleted`),
        ...images.map((name) => `image ${name} deleted`),
      ];
    });
  }

  #name(side: ProjectSide): string {
    return projectName(this.#context.dir, side);
  }

  #containers(side: Side): Promise<InspectedContainer[]> {
    return containersOf(
      this.#context.cli,
      sides[side].map((project) => this.#name(project)),
    );
  }

  async #end(side: ProjectSide, containers: readonly InspectedContainer[]): Promise<void> {
    const { cli, dir, live } = this.#context;
    if (containers.length > 0)
      live.doing(side === 'worker' ? 'ending the worker, its jobs finish first' : 'ending the server side');
    await new ComposeProject(cli, dir, side).down();
  }

  async #volumes(): Promise<string[]> {
    const lists = (['server', 'worker'] as const).map((side) =>
      this.#context.cli.read(['volume', 'ls', '-q', '--filter', `label=${projectLabel}=${this.#name(side)}`]),
    );
    return (await Promise.all(lists)).flatMap(lines);
  }

  async #images(): Promise<string[]> {
    const { cli } = this.#context;
    const lists = (['server', 'worker'] as const).map((side) => projectImages(cli, this.#name(side)));
    return (await Promise.all(lists)).flat();
  }

  /** The first ctrl-C gives up and ends the docker calls under way; `left`: what is to be known then. */
  async #interruptible<T>(work: () => Promise<T>, left = ''): Promise<T> {
    const { cli, live } = this.#context;
    const interrupt = new Interrupt(() => cli.kill());
    try {
      return await interrupt.race(work());
    } catch (error) {
      if (!interrupt.signal.aborted) throw error;
      throw new JobstormError('EINTERRUPTED', `interrupted${left}`);
    } finally {
      if (interrupt.signal.aborted) cli.kill();
      live.clear();
      interrupt.release();
    }
  }
}

/** Containers belong to the engine: those that it has started by then go on. */
const goesOn = (side: ProjectSide) => `; containers that were started go on: \`just down ${side}\` ends them`;

const keeps = (volume: string) => (volume.endsWith('dashboard-data') ? 'finished runs' : 'what the job server keeps');

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

function describe({ Name, Config }: InspectedContainer): string {
  const part = Config.Labels?.[partLabel] ?? Config.Labels?.[serviceLabel] ?? 'container';
  return `${part} (${Name.replace(/^\//, '')})`;
}
