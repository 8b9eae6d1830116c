// What the pages' buttons do: a form in, calls of the rules out. The rules are those of FWP's commands; nothing is decided here.

import { toByteText } from '@jobstorm/protocol';
import { cutJid, type JobText } from '../job-text.ts';
import type { Manager } from '../manager.ts';
import type { SetName } from '../state.ts';
import type { WorkerState } from '../workers.ts';

const sets: Record<string, SetName> = { retries: 'retries', scheduled: 'scheduled', morgue: 'dead' };
const setCommands: Record<string, 'requeue' | 'kill' | 'discard'> = {
  retry: 'requeue',
  kill: 'kill',
  delete: 'discard',
};
const workerStates: Record<string, WorkerState> = { quiet: 'quiet', terminate: 'terminate' };

const own = <T>(table: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** Does what a form of the page `page` asks for; false when it asks for nothing that the page has. */
export function act(manager: Manager, page: string, form: URLSearchParams): boolean {
  const action = form.get('action') ?? '';
  if (page === 'queues') return actOnQueue(manager, action, form.get('queue') ?? '');
  if (page === 'busy') return actOnWorkers(manager, action, form.getAll('wid'));
  const set = own(sets, page);
  return set !== undefined && actOnSet(manager, set, action, form.getAll('jid'));
}

function actOnQueue(manager: Manager, action: string, queue: string): boolean {
  if (action !== 'clear' && action !== 'pause' && action !== 'resume') return false;
  // One that is gone by now is no mistake; `*`, which names all queues to the rules, is none.
  if (!manager.state.queues.get(queue)) return true;
  if (action === 'clear') manager.removeQueues([queue]);
  else manager.setPaused([queue], action === 'pause');
  return true;
}

/** `*` is all workers. */
function actOnWorkers(manager: Manager, action: string, wids: readonly string[]): boolean {
  const state = own(workerStates, action);
  if (!state) return false;
  const named = wids.includes('*') ? [...manager.workers.all()] : wids.map((wid) => manager.workers.get(wid));
  for (const worker of named) worker?.advance(state);
  return true;
}

/** The jobs ticked, or all with an action that says so. */
function actOnSet(manager: Manager, target: SetName, action: string, jids: readonly string[]): boolean {
  const command = own(setCommands, action.replace(/-all$/, ''));
  if (!command) return false;
  const wanted = new Set(jids.map(toByteText));
  const isWanted = (job: JobText) => wanted.has(cutJid(job.text, job.jidStart, job.jidLength, job.jidEscaped));
  manager.mutate({ command, target, filter: action.endsWith('-all') ? null : isWanted });
  return true;
}
