// Changes the worker's containers without a pause: for each old one a new one starts first, and then the old one leaves when its jobs
// are done. Invariant: a new one that does not come to fetch is removed, and then no old one is touched.

import type { ComposeProject } from './compose.ts';
import type { DockerContext } from './context.ts';

export interface Rolling {
  project: ComposeProject;
  /** The compose service. */
  service: string;
  /** Running containers of the worker. */
  running: () => Promise<string[]>;
  /** Settles when that container's worker fetches jobs. @throws JobstormError when it can't */
  ready: (id: string) => Promise<void>;
}

/** Tells a container to leave and waits until it has, however long its jobs take. */
async function leave({ cli, live }: DockerContext, id: string, signal: string): Promise<void> {
  // Its end is wanted: it is not to be started again.
  await cli.read(['update', '--restart=no', id]);
  await cli.read(['kill', `--signal=${signal}`, id]);
  live.doing('the new worker fetches jobs; the old one finishes those that it has, and leaves');
  await cli.read(['wait', id]);
  await cli.read(['rm', id]);
}

async function startNext({ cli, live }: DockerContext, { project, service, running, ready }: Rolling): Promise<void> {
  const before = await running();
  live.doing('starting a new worker beside the one that runs');
  await project.up([service], { beside: before.length });
  const fresh = (await running()).filter((id) => !before.includes(id));
  live.doing('waiting for the new worker to fetch jobs');
  try {
    await Promise.all(fresh.map(ready));
  } catch (error) {
    if (fresh.length > 0) await cli.run(['rm', '--force', ...fresh]);
    throw error;
  }
}

/** Settles when none of the old ones is left. @throws JobstormError */
export async function rollContainers(context: DockerContext, rolling: Rolling): Promise<void> {
  const { leaveSignal, rollOver } = await import('@jobstorm/worker-node');
  const old = await rolling.running();
  await rollOver(
    old.map((id) => ({ leave: () => leave(context, id, leaveSignal) })),
    () => startNext(context, rolling),
  );
  // As many as are asked for now, which may be others than there were.
  await rolling.project.up([rolling.service], { beside: 0 });
}
