// A user's own handlers: the module that `--jobs` names.

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { JobstormError } from '@jobstorm/protocol';
import { describeFailure } from './failure.ts';
import type { Handler, Handlers } from './handlers.ts';

/** What a jobs file's default export gets, as with faktory-worker: `register` can be chained. */
export interface Registry {
  register(jobtype: string, handler: Handler): Registry;
}

/**
 * Adds a jobs file's handlers. The file exports functions by the names of their job types, or a default function that is
 * called with an object that has faktory-worker's `register(jobtype, handler)`, or both.
 * @throws JobstormError EJOBS when it can't be loaded, exports no handler, or registers something that is no function
 */
export async function loadJobsFile(path: string, handlers: Handlers): Promise<void> {
  let module: Record<string, unknown>;
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw cantLoad(path, error);
  }
  let count = 0;
  const registry: Registry = {
    register(jobtype, handler) {
      if (typeof handler !== 'function') {
        throw new JobstormError(
          'EJOBS',
          `--jobs ${path}: the handler of "${jobtype}" is ${typeof handler}, expected a function`,
        );
      }
      handlers.set(jobtype, handler);
      count++;
      return registry;
    },
  };
  for (const [name, value] of Object.entries(module)) {
    if (name !== 'default' && typeof value === 'function') registry.register(name, value as Handler);
  }
  if (typeof module.default === 'function') {
    try {
      await (module.default as (registry: Registry) => unknown)(registry);
    } catch (error) {
      throw error instanceof JobstormError ? error : cantLoad(path, error);
    }
  }
  if (count === 0) {
    throw new JobstormError(
      'EJOBS',
      `--jobs ${path} has no handlers: export functions named as their job types, or a default function that calls register(jobtype, handler)`,
    );
  }
}

/** In one line, whatever the module threw. */
function cantLoad(path: string, cause: unknown): JobstormError {
  const { errtype, message } = describeFailure(cause);
  const shown = `${errtype === 'NotAnError' ? 'it threw ' : ''}${message}`.replace(/\s*\n\s*/g, ' ');
  return new JobstormError('EJOBS', `--jobs ${path} can't be loaded: ${shown}`, { cause });
}
