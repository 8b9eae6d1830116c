// The images of a project: built when one is missing or was made from other sources.

import { execFile } from 'node:child_process';
import type { LiveLine } from '../live-line.ts';
import type { DockerCli } from './cli.ts';
import type { ComposeProject } from './compose.ts';
import { projectLabel } from './containers.ts';

interface InspectedImage {
  RepoTags: readonly string[] | null;
  Config: { Labels: Readonly<Record<string, string>> | null } | null;
}

/** The services whose image is missing or stale. Compose names an image `project-service`. */
export function staleServices(
  project: string,
  services: readonly string[],
  images: readonly InspectedImage[],
  source: string,
): string[] {
  return services.filter((service) => {
    const tag = `${project}-${service}:latest`;
    const image = images.find(({ RepoTags }) => RepoTags?.includes(tag));
    return image?.Config?.Labels?.['io.jobstorm.source'] !== source;
  });
}

/** Of these services of the project. */
export async function findStale(
  cli: DockerCli,
  project: string,
  services: readonly string[],
  source: string,
): Promise<string[]> {
  const names = services.map((service) => `${project}-${service}`);
  // It fails when one is missing, yet tells of the others.
  const { stdout } = await cli.run(['image', 'inspect', ...names]);
  return staleServices(project, services, JSON.parse(stdout || '[]') as InspectedImage[], source);
}

/** What `docker image ls` shows as repository, tag and id, a line each, as names that `docker image rm` takes. */
export function imageNames(listed: string): string[] {
  const rows = listed.split('\n').filter((line) => line !== '');
  return rows.map((line) => {
    const [repository = '', tag = '', id = ''] = line.split('\t');
    return repository === '<none>' || tag === '<none>' ? id : `${repository}:${tag}`;
  });
}

/** All images that were built for a project, also those that a later build took the name of. */
export async function projectImages(cli: DockerCli, project: string): Promise<string[]> {
  const format = '{{.Repository}}\\t{{.Tag}}\\t{{.ID}}';
  return imageNames(await cli.read(['image', 'ls', '--filter', ownLabel(project), '--format', format]));
}

/** Deletes those that a later build took the name of and no container uses. Failing to is no failure. */
export async function deleteReplaced(cli: DockerCli, project: string): Promise<void> {
  await cli.run(['image', 'prune', '--force', '--filter', ownLabel(project)]);
}

const ownLabel = (project: string) => `label=${projectLabel}=${project}`;

/** The commit that is checked out; "unknown" where git does not say. */
export function commitOf(dir: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: dir }, (error, stdout) =>
      resolve(error ? 'unknown' : stdout.trim()),
    );
  });
}

/** A line of BuildKit's plain output as a few words for people; null: nothing worth telling. */
export function buildStep(line: string): string | null {
  const step = /^#\d+ \[(?:([\w-]+) )?(?:([\w-]+) )?(\d+\/\d+)\] (.+)$/.exec(line);
  if (!step) return null;
  const [, first, second, of, what] = step;
  const command = what!.replace(/--[\w-]+=\S+\s*/g, '').replace(/\s+/g, ' ');
  return `${[first, second].filter(Boolean).join(' ')} ${of}: ${command}`.trim();
}

export async function buildImages(project: ComposeProject, services: readonly string[], live: LiveLine): Promise<void> {
  const what = `building ${services.length === 1 ? 'the image' : 'the images'} of ${services.join(', ')}`;
  live.doing(what);
  await project.run(['build', ...services], (line) => {
    const step = buildStep(line);
    if (step) live.doing(what, step);
  });
}
