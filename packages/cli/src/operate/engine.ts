// What runs parts on this host: containers by Docker compose, or plain processes where no engine answers. Both do the same
// things under the same names, so the commands (up, down, status, logs, clean) don't know which one they talk to.
// Invariant: an engine only ever touches parts of this checkout.

/** The ports that a server's host publishes. */
export interface Ports {
  faktory: number;
  web: number;
  api: number;
  dashboard: number;
}

type Env = Readonly<Record<string, string | undefined>>;

export interface ServerPlan {
  /** server-node in Faktory's place; always so without containers. */
  embedded: boolean;
  /** No secrets, for a closed lab. */
  open: boolean;
  /** null only when `open`. */
  password: string | null;
  token: string | null;
  ports: Ports;
  /** The environment, with `.env` behind it: what else a part or a compose file reads. */
  env: Env;
}

export interface WorkerPlan {
  /** The job server as this host reaches it. */
  host: string;
  port: number;
  /** Set for tcp+tls. */
  tls?: true;
  password: string | null;
  token: string | null;
  /** null: as the environment, the compose file or the worker's own default has it. */
  concurrency: number | null;
  cpus: number | null;
  /** ws://host:port of the control room that parts report to. */
  control: string;
  /** A new worker starts beside the one that runs, which then leaves when its jobs are done. */
  rolling: boolean;
  env: Env;
}

/** `lines`: what people should know, such as a cap that was lowered. */
export interface ServerUp {
  lines: string[];
}

export interface WorkerUp {
  lines: string[];
  /** What the worker need not wait for; settles with further lines, never rejects. */
  rest?: Promise<string[]>;
}

export interface PartStatus {
  /** faktory, server, api, dashboard, docker-stats, worker */
  part: string;
  /** The container's or process's name. */
  name: string;
  /** running, exited, … */
  state: string;
  /** healthy, unhealthy, starting; null: not known. */
  health: string | null;
  /** ISO 8601; null: not running. */
  since: string | null;
  /** Where it is reached from outside, e.g. 0.0.0.0:7419; null: nowhere. */
  address: string | null;
}

export type Side = 'all' | 'server' | 'worker';

export interface Engine {
  readonly kind: 'docker' | 'native';
  /** Starts or renews the server side; settles once all of it is healthy. @throws JobstormError saying what to do */
  upServer(plan: ServerPlan): Promise<ServerUp>;
  /** Starts the worker, in place of one that runs (whose jobs finish first); settles once it fetches jobs, and no old one is left. @throws JobstormError saying what to do */
  upWorker(plan: WorkerPlan): Promise<WorkerUp>;
  /** Ends parts, workers first; volumes and data stay. Returns what was ended, in words. */
  down(side: Side): Promise<string[]>;
  status(): Promise<PartStatus[]>;
  /** Prints logs of one part (null: all), with `follow` until interrupted. Returns the exit code. */
  logs(part: string | null, follow: boolean): Promise<number>;
  /** What `clean` would delete, in words. */
  leftovers(): Promise<string[]>;
  /** Ends everything and deletes data, images and logs of this checkout. */
  clean(): Promise<string[]>;
}
