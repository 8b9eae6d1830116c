// The logs of containers, printed with the part's name before each line; `docker logs` of each at the same time, so that one call
// shows both projects. Invariant: with `follow` it ends when the user ends it or every container has, and leaves no child.

import { JobstormError } from '@jobstorm/protocol';
import type { DockerCli } from './cli.ts';
import { type InspectedContainer, partLabel, projectLabel, serviceLabel } from './containers.ts';

/** The containers that a word means: `server` the whole server side, `worker` the worker, else a part's or a service's name. */
export function chosen(containers: readonly InspectedContainer[], word: string | null): InspectedContainer[] {
  return containers.filter(({ Config }) => {
    const labels = Config.Labels ?? {};
    if (word === null) return true;
    if (word === 'server') return labels[projectLabel]?.endsWith('-server') === true;
    return labels[partLabel] === word || labels[serviceLabel] === word;
  });
}

const label = ({ Config, Name }: InspectedContainer) => Config.Labels?.[partLabel] ?? Name.replace(/^\//, '');

/** @throws JobstormError EPART when no container of this checkout is meant */
export async function showLogs(
  cli: DockerCli,
  containers: readonly InspectedContainer[],
  word: string | null,
  follow: boolean,
): Promise<number> {
  const found = chosen(containers, word);
  if (found.length === 0) {
    const known = [...new Set(containers.map(label))].join(', ');
    throw new JobstormError(
      'EPART',
      known === ''
        ? 'nothing of this checkout runs here: `just server` or `just worker` starts it'
        : `"${word}" does not run here; what does: ${known}`,
    );
  }
  const width = found.length === 1 ? 0 : Math.max(...found.map((container) => label(container).length));
  const followed = found.map((container) => {
    const before = width === 0 ? '' : `${label(container).padEnd(width)} | `;
    const args = ['logs', ...(follow ? ['--follow'] : []), container.Id];
    return cli.follow(args, (line) => process.stdout.write(`${before}${line}\n`));
  });
  const stop = () => {
    for (const log of followed) log.stop();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  // Whoever read the output has gone.
  process.stdout.once('error', stop);
  await Promise.all(followed.map(({ ended }) => ended));
  for (const signal of signals) process.off(signal, stop);
  process.stdout.off('error', stop);
  return 0;
}
