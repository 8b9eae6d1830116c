// MUTATE's argument: what to do with which jobs of which set.  {"cmd","target","filter"?: {jids?, regexp?, jobtype?}}

import { toByteText } from '@jobstorm/protocol';
import { globTest } from './glob.ts';
import { wrongType } from './job-fields.ts';
import { cutJid, type JobText, readJob } from './job-text.ts';
import { JsonError, parseJson } from './json-text.ts';
import type { SetName } from './state.ts';

const commands = ['clear', 'kill', 'discard', 'requeue'] as const;
const targets: readonly SetName[] = ['scheduled', 'retries', 'dead'];

export interface Mutation {
  command: (typeof commands)[number];
  target: SetName;
  /** null: every job. */
  filter: ((job: JobText) => boolean) | null;
}

interface Filter {
  jids?: readonly string[] | null;
  regexp?: string | null;
  jobtype?: string | null;
}

/**
 * Reads MUTATE's payload.
 * @throws JsonError with Faktory's words for what is wrong with it
 */
export function readMutation(payload: string): Mutation {
  const value = parseJson(payload);
  if (typeof value !== 'object' || Array.isArray(value)) throw new JsonError(wrongType(value, 'client.Operation'));
  const { cmd, target, filter } = (value ?? {}) as { cmd?: unknown; target?: unknown; filter?: unknown };
  for (const text of [cmd, target]) {
    if (text !== undefined && text !== null && typeof text !== 'string') throw new JsonError(wrongType(text, 'string'));
  }
  const checked = readFilter(filter);
  const command = commands.find((known) => known === cmd);
  if (!command) throw new JsonError('unknown mutate operation');
  const set = targets.find((known) => known === target);
  if (!set) throw new JsonError('invalid target for mutation command');
  return { command, target: set, filter: command === 'clear' ? null : filterTest(checked) };
}

function readFilter(value: unknown): Filter {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new JsonError(wrongType(value, 'client.JobFilter'));
  const { jids, regexp, jobtype } = value as Record<string, unknown>;
  for (const text of [regexp, jobtype, ...(Array.isArray(jids) ? jids : [])]) {
    if (text !== undefined && text !== null && typeof text !== 'string') throw new JsonError(wrongType(text, 'string'));
  }
  if (jids !== undefined && jids !== null && !Array.isArray(jids)) throw new JsonError(wrongType(jids, '[]string'));
  return value as Filter;
}

/** jids override the rest; regexp is a glob over the whole stored text; a jobtype alone is a glob, too. */
function filterTest({ jids, regexp, jobtype }: Filter): Mutation['filter'] {
  if (jids && jids.length > 0) {
    const wanted = new Set(jids.map(toByteText));
    return (job) => wanted.has(cutJid(job.text, job.jidStart, job.jidLength, job.jidEscaped));
  }
  if (regexp) {
    const test = globTest(toByteText(regexp));
    return (job) => test(job.text) && (!jobtype || readJob(job.text).jobtype === jobtype);
  }
  if (!jobtype) return null;
  const test = globTest(toByteText(`*"jobtype":"${jobtype}"*`));
  return (job) => test(job.text);
}
