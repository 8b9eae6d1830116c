// A user's own handlers: the module that `--jobs` names, and what goes with them.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDurationMs } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import { describeFailure } from './failure.ts';
import type { Handler, Repertoire } from './handlers.ts';
import type { Middleware } from './middleware.ts';

export interface HandlerRules {
  /** How long one job of the type may take: milliseconds, or text such as "30s". It goes before --job-timeout. */
  timeout?: number | string;
}

/** What a jobs file's default export gets, as with faktory-worker: both can be chained. */
export interface Registry {
  register(jobtype: string, handler: Handler, rules?: HandlerRules): Registry;
  /** Around every job, in koa's form; the first one is the outermost. */
  use(middleware: Middleware): Registry;
}

/** What a jobs file may export besides the functions that are named as their job types. */
export interface JobsModule {
  default?: (registry: Registry) => unknown;
  middleware?: readonly Middleware[];
  /** By job type, as `HandlerRules.timeout`. */
  timeouts?: Readonly<Record<string, number | string>>;
}

/** Exports that are no job types. */
const reserved = new Set(['default', 'middleware', 'timeouts']);

/**
 * Adds what a jobs file has. It exports functions by the names of their job types, or a default function that is called with an
 * object that has faktory-worker's `register(jobtype, handler)` and `use(middleware)`, or both; `middleware` and `timeouts` besides.
 * @throws JobstormError EJOBS when it can't be loaded, exports no handler, or has something that is not what it should be
 */
export async function loadJobsFile(path: string, repertoire: Repertoire): Promise<void> {
  const module = await load(path);
  const loading = new Loading(path, repertoire);
  for (const [name, value] of Object.entries(module)) {
    if (!reserved.has(name) && typeof value === 'function') loading.register(name, value as Handler);
  }
  const { middleware = [], timeouts = {} } = module;
  if (!Array.isArray(middleware))
    throw wrong(path, `exports a middleware that is ${typeof middleware}, expected a list of functions`);
  for (const each of middleware) loading.use(each);
  if (typeof module.default === 'function') {
    try {
      await (module.default as (registry: Registry) => unknown)(loading);
    } catch (error) {
      throw error instanceof JobstormError ? error : cantLoad(path, error);
    }
  }
  for (const [jobtype, timeout] of Object.entries(timeouts as object)) loading.limit(jobtype, timeout);
  if (loading.count === 0) {
    throw wrong(
      path,
      'has no handlers: export functions named as their job types, or a default function that calls register(jobtype, handler)',
    );
  }
}

/** Its `register` and `use` may be taken out of it, as in `({ register }) => …`. */
class Loading implements Registry {
  readonly #path: string;
  readonly #repertoire: Repertoire;
  count = 0;

  constructor(path: string, repertoire: Repertoire) {
    this.#path = path;
    this.#repertoire = repertoire;
    this.register = this.register.bind(this);
    this.use = this.use.bind(this);
  }

  register(jobtype: string, handler: Handler, { timeout }: HandlerRules = {}): Registry {
    if (typeof handler !== 'function') {
      throw wrong(this.#path, `the handler of "${jobtype}" is ${typeof handler}, expected a function`, ':');
    }
    this.#repertoire.handlers.set(jobtype, handler);
    if (timeout !== undefined) this.limit(jobtype, timeout);
    this.count++;
    return this;
  }

  use(middleware: Middleware): Registry {
    if (typeof middleware !== 'function') {
      throw wrong(this.#path, `a middleware is ${typeof middleware}, expected a function`, ':');
    }
    this.#repertoire.middleware.push(middleware);
    return this;
  }

  limit(jobtype: string, timeout: unknown): void {
    const { handlers, timeoutsMs } = this.#repertoire;
    if (!handlers.has(jobtype)) {
      throw wrong(this.#path, `has a timeout for "${jobtype}", which has no handler`);
    }
    const ms = typeof timeout === 'string' ? durationOf(timeout) : Number(timeout);
    if (!(ms >= 1 && ms <= 86_400_000)) {
      throw wrong(
        this.#path,
        `the timeout of "${jobtype}" is ${JSON.stringify(timeout)}, expected milliseconds or a duration such as "30s", from 1ms to 24h`,
        ':',
      );
    }
    timeoutsMs.set(jobtype, ms);
  }
}

function durationOf(text: string): number {
  try {
    return parseDurationMs(text);
  } catch {
    return Number.NaN;
  }
}

async function load(path: string): Promise<Record<string, unknown>> {
  const url = pathToFileURL(resolve(path)).href;
  try {
    return await import(url);
  } catch (error) {
    if ((error as NodeJS.ErrnoException | null)?.code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.m?ts$/.test(path))
      return loadWithTsx(path, url);
    throw cantLoad(path, error);
  }
}

type TsImport = (specifier: string, parent: string) => Promise<Record<string, unknown>>;

/** Before 22.18 Node runs no TypeScript by itself; tsx does, where the jobs file's own project or this one has it. */
async function loadWithTsx(path: string, url: string): Promise<Record<string, unknown>> {
  const tsx = findTsx([url, import.meta.url]);
  if (tsx === null) {
    throw wrong(
      path,
      `is TypeScript, which Node ${process.versions.node} does not run by itself: use Node 22.18 or newer, install tsx beside the file, or name a .mjs file`,
    );
  }
  try {
    const { tsImport } = (await import(tsx)) as { tsImport: TsImport };
    return await tsImport(url, import.meta.url);
  } catch (error) {
    throw cantLoad(path, error);
  }
}

function findTsx(places: readonly string[]): string | null {
  for (const place of places) {
    try {
      return esmOf(createRequire(place).resolve('tsx/package.json'));
    } catch {
      // Not there.
    }
  }
  return null;
}

/** Its ES module: what `require` resolves to is another build, which can't load modules of ours. */
function esmOf(packageFile: string): string {
  const { exports } = JSON.parse(readFileSync(packageFile, 'utf8'));
  return new URL(exports['./esm/api'].import.default, pathToFileURL(packageFile)).href;
}

function wrong(path: string, what: string, colon = ''): JobstormError {
  return new JobstormError('EJOBS', `--jobs ${path}${colon} ${what}`);
}

/** In one line, whatever the module threw. */
function cantLoad(path: string, cause: unknown): JobstormError {
  const { errtype, message } = describeFailure(cause);
  const shown = `${errtype === 'NotAnError' ? 'it threw ' : ''}${message}`.replace(/\s*\n\s*/g, ' ');
  return new JobstormError('EJOBS', `--jobs ${path} can't be loaded: ${shown}`, { cause });
}
