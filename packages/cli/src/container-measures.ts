// What the run's containers used: finds them among those that the control room sees, waits for their last reading, and works it out.

import { containerUse } from '@jobstorm/loadtest';
import type { Cluster } from './cluster.ts';
import type { ContainerWatch } from './container-watch.ts';
import type { ContainerMeasured, ContainersMeasured } from './parts-measured.ts';
import { findRunContainers, type SeenContainer } from './run-containers.ts';

export interface MeasureOptions {
  cluster: Pick<Cluster, 'seesServer' | 'serverProject'>;
  watch: ContainerWatch;
  /** As it calls itself in the control room; null: not known. */
  apiHost: string | null;
  /** Length of the run. */
  runS: number;
  /** Nobody wants to wait any more. */
  isOff: () => boolean;
}

/** Asked when the run is over; takes up to 3 s where containers are seen. */
export async function measureContainers({
  cluster,
  watch,
  apiHost,
  runS,
  isOff,
}: MeasureOptions): Promise<ContainersMeasured> {
  const { hosts } = watch;
  if (!cluster.seesServer) {
    await watch.finish([], isOff);
    return { hosts, server: null, whyNoServer: 'no control room of its own reports it', api: null };
  }
  const found = findRunContainers(hosts, { project: cluster.serverProject, apiHost });
  const { server, api } = found;
  await watch.finish(
    [server, api].filter((seen) => seen !== null),
    isOff,
  );
  const measured = (seen: SeenContainer | null): ContainerMeasured | null => {
    const readings = seen && watch.readings(seen);
    const use = readings && containerUse(readings, runS);
    return use ? { seen, use } : null;
  };
  const whyNoServer = found.whyNoServer ?? 'its container was started anew, or read only once during the run';
  return { hosts, server: measured(server), whyNoServer, api: measured(api) };
}
