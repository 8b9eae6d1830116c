// CPU limits against what the engine's host has: Docker refuses to start a container that may use more. Pure: a compose
// configuration in, an override file and sentences out. Invariant: nothing but CPU counts that can't be had is changed.

/** The part of `docker compose config --format json` that matters here. */
export interface ComposeConfig {
  services?: Readonly<Record<string, ComposeService>>;
}

export interface ComposeService {
  /** Numbers come as numbers or as text, by the version of compose. */
  cpus?: number | string | null;
  deploy?: {
    replicas?: number | null;
    resources?: { limits?: { cpus?: number | string | null; memory?: number | string | null } | null } | null;
  } | null;
  environment?: Readonly<Record<string, string | null>> | null;
}

export interface Caps {
  /** Text of the compose file to lay over the others; null: there is nothing to cap. */
  override: string | null;
  /** A line for each service that was capped. */
  lines: string[];
}

/** The limit of a service in cores; null: none. */
export function cpuLimit(service: ComposeService): number | null {
  const given = service.deploy?.resources?.limits?.cpus ?? service.cpus;
  const cores = Number(given ?? 0);
  return cores > 0 ? cores : null;
}

const count = (cpus: number) => (cpus === 1 ? '1 CPU' : `${cpus} CPUs`);

function capped(name: string, service: ComposeService, hostCpus: number): { yaml: string[]; line: string | null } {
  const limit = cpuLimit(service);
  if (limit === null) return { yaml: [], line: null };
  const cores = Math.min(limit, hostCpus);
  const yaml: string[] = [];
  if (limit > hostCpus) {
    const atTop = service.deploy?.resources?.limits?.cpus === undefined;
    if (atTop) yaml.push(`    cpus: ${cores}`);
    else yaml.push('    deploy:', '      resources:', '        limits:', `          cpus: "${cores}"`);
  }
  // What the worker takes for its cap has to be the cap, also where the limit was edited by hand in the file.
  const told = service.environment?.WORKER_CPUS;
  if (told && Number(told) !== cores) yaml.push('    environment:', `      WORKER_CPUS: "${cores}"`);
  const line =
    limit > hostCpus ? `${name}: ${count(limit)} asked for, the host has ${hostCpus}: capped to ${cores}` : null;
  return { yaml: yaml.length > 0 ? [`  ${name}:`, ...yaml] : [], line };
}

/** @param hostCpus what the engine counts, which may be less than this machine has */
export function planCaps(config: ComposeConfig, hostCpus: number): Caps {
  const lines: string[] = [];
  const yaml: string[] = [];
  for (const [name, service] of Object.entries(config.services ?? {})) {
    const { yaml: own, line } = capped(name, service, hostCpus);
    yaml.push(...own);
    if (line) lines.push(line);
  }
  if (yaml.length === 0) return { override: null, lines };
  return {
    override: ['# CPU limits that this host can give; written by jobstorm', 'services:', ...yaml, ''].join('\n'),
    lines,
  };
}
