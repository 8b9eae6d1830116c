// Whether the containers of a project that is being started still run; one that has ended tells why in its log.

import { JobstormError } from '@jobstorm/protocol';
import type { DockerCli } from './cli.ts';
import { partLabel, projectLabel } from './containers.ts';

const shownLines = 5;

/** The last lines of a container's log that say something. */
export async function lastWords(cli: DockerCli, container: string): Promise<string[]> {
  const { stdout, stderr } = await cli.run(['logs', '--tail', '20', container]);
  return `${stdout}\n${stderr}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-shownLines);
}

/**
 * @param late why this is the last look; null: it is not
 * @throws JobstormError EPART when one of them has ended or starts over and over, or it is late
 */
export async function requireRunning(cli: DockerCli, project: string, late: string | null): Promise<void> {
  const format = `{{.Names}}\\t{{.State}}\\t{{.Label "${partLabel}"}}`;
  const text = await cli.read(['ps', '-a', '--filter', `label=${projectLabel}=${project}`, '--format', format]);
  for (const line of text.split('\n')) {
    const [name, state, part] = line.split('\t');
    if (!name || (state !== 'exited' && state !== 'restarting' && state !== 'dead')) continue;
    const words = (await lastWords(cli, name)).map((said) => `  ${said}`);
    throw new JobstormError(
      'EPART',
      [`the container of ${part ?? name} ended (${name}); the end of its log:`, ...words].join('\n'),
    );
  }
  if (late !== null) throw new JobstormError('EPART', `${late}: \`just logs\` shows what it says`);
}
