// The next command to try, as it can be typed: the run's own settings are repeated, save what the advice changes.

/** What a run was told, as far as advice repeats it. */
export interface RunSettings {
  /** Flags that were given, without dashes, with their values (empty: it takes none); JOBS, --duration and where the result goes left out. */
  flags: readonly (readonly [name: string, value: string])[];
  /** The worker was started by the run, so its slots and CPUs are flags of perf-test. */
  ownWorker: boolean;
  /** The same of the api-service; false also where there is none. */
  ownApi: boolean;
  /** HOST or HOST:PORT of the named server; null: a local cluster. */
  serverHost: string | null;
}

/** `just perf-test JOBS …` with those flags in place of the run's own. */
export function perfTestCommand(o: RunSettings, jobs: number, changes: Readonly<Record<string, string>> = {}): string {
  const kept = o.flags.filter(([name]) => !Object.hasOwn(changes, name));
  const flags = [...kept, ...Object.entries(changes)].map(([name, value]) => ` --${name}${value && ` ${value}`}`);
  return `just perf-test ${jobs}${flags.join('')}`;
}

/** `just perf-test --duration SECONDSs …`; null when the run's own flags say already how many jobs there are. */
export function perfTestFor(o: RunSettings, seconds: number): string | null {
  if (o.flags.some(([name]) => ['drain', 'phase', 'scenario', 'tides', 'backlog'].includes(name))) return null;
  const flags = o.flags.map(([name, value]) => ` --${name} ${value}`);
  return `just perf-test --duration ${seconds}s${flags.join('')}`;
}

/** A run whose api-service has that setting: the run's own takes it from its environment, any other where it is started. */
export function withApiSetting(o: RunSettings, setting: string, command: string): string {
  return o.ownApi ? `${setting} ${command}` : `${setting} just server on the host of the api-service, then ${command}`;
}

/** `just worker SLOTS [CPUS]` for the run's server. */
export function workerCommand(o: RunSettings, slots: number, cpus: number | null): string {
  const host = o.serverHost === null ? '' : `FAKTORY_SERVER_IP=${o.serverHost} `;
  return `${host}just worker ${slots}${cpus === null ? '' : ` ${cpus.toFixed(1)}`}`;
}
