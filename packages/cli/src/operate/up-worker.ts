// `jobstorm up worker`: finds the job server, makes sure from here that it answers and takes the password, and only then starts the
// worker. Invariant: nothing that runs is touched before the server has answered.

import { hostname } from 'node:os';
import { bearerToken, ExitCode, SettingsError } from '@jobstorm/program';
import { Client, describeAddress, type JobstormError, type ServerAddress } from '@jobstorm/protocol';
import { readCurrent, writeCurrent } from '../current.ts';
import { keepInEnvFile, quoteValue } from '../env-file.ts';
import { askHealth } from '../health.ts';
import { hostAddresses } from './addresses.ts';
import { askSecret, canAsk } from './ask.ts';
import { upWorkerHelp, upWorkerSettings } from './config.ts';
import { openEngine } from './open-engine.ts';
import { type Operation, operate } from './operation.ts';
import { untilSeenByRoom } from './seen-by-room.ts';
import { findTarget, type WorkerTarget } from './worker-target.ts';

const connectTimeoutMs = 3500;

type UpWorker = Operation<typeof upWorkerSettings>;

/** @throws ConnectionError and the like, saying what to check */
async function requireAnswer(address: ServerAddress): Promise<void> {
  const client = await Client.connect({ address, connectTimeoutMs });
  await client.close();
}

function passwordMistake({ address }: WorkerTarget, inEnvFile: boolean): SettingsError {
  const where = describeAddress(address);
  if (address.password === null) {
    return new SettingsError([
      `the job server at ${where} asks for a password and none is known here`,
      "  it is FAKTORY_PASSWORD in .env of the server's checkout; `just server` there prints the whole line again",
      `  then: FAKTORY_SERVER_IP=${address.host} FAKTORY_PASSWORD=… just worker (it is kept in .env then)`,
    ]);
  }
  const from = inEnvFile ? 'the one in .env of this checkout' : 'the one given';
  return new SettingsError([
    `the job server at ${where} takes another password than ${from}`,
    "  `just server` on the server's machine prints the right one: FAKTORY_PASSWORD=… just worker",
  ]);
}

/** The address with a password that the server takes; on a terminal it is asked for when none is known. */
async function admit(target: WorkerTarget, { env }: UpWorker): Promise<ServerAddress> {
  const { address } = target;
  try {
    await requireAnswer(address);
    return address;
  } catch (error) {
    if ((error as JobstormError).code !== 'EPASSWORD') throw error;
    if (address.password !== null || !canAsk()) {
      throw passwordMistake(target, !Object.hasOwn(env, 'FAKTORY_PASSWORD'));
    }
  }
  const password = await askSecret(`password of the job server at ${describeAddress(address)}: `);
  const asked = { ...address, password };
  try {
    await requireAnswer(asked);
  } catch (error) {
    if ((error as JobstormError).code === 'EPASSWORD') throw passwordMistake({ ...target, address: asked }, false);
    throw error;
  }
  return asked;
}

/** What the next command of this checkout needs and would not know otherwise. */
function keepPassword(password: string | null, { dir, env, live }: UpWorker): void {
  const inFile = (Object.getPrototypeOf(env) as Record<string, string | undefined> | null)?.FAKTORY_PASSWORD;
  if (password === null || inFile || quoteValue(password) === null) return;
  keepInEnvFile(dir, { FAKTORY_PASSWORD: password });
  live.say('the password is kept in .env, for the next commands of this checkout');
}

/** A token of this checkout's own cluster means nothing to another one, which takes a key made from the password instead. */
export function tokenFor({ ours }: WorkerTarget, { values, env }: Pick<UpWorker, 'values' | 'env'>): string | null {
  return ours || Object.hasOwn(env, 'JOBSTORM_TOKEN') ? values.token : null;
}

async function note(target: WorkerTarget, engine: 'docker' | 'native', dir: string): Promise<void> {
  if (target.ours) return;
  const origin = target.control.replace(/^ws/, 'http');
  const [api, room] = await Promise.all([askHealth(target.api, 'api'), askHealth(origin, 'dashboard')]);
  const url = describeAddress(target.address);
  const startedAt = new Date().toISOString();
  writeCurrent(dir, { url, api: api && target.api, control: room && origin, startedAt, by: 'worker', engine });
}

async function work(operation: UpWorker): Promise<number> {
  const { values, dir, env, live } = operation;
  const ownHosts = new Set([...hostAddresses().map(({ address }) => address), hostname()]);
  const target = findTarget(values, readCurrent(dir), ownHosts);
  live.doing(`looking for the job server at ${describeAddress(target.address)}`);
  // Asking a person takes as long as it takes, and then the live line must not draw over the question.
  if (canAsk() && target.address.password === null) live.clear();
  const [{ password, ...server }, engine] = await Promise.all([
    admit(target, operation),
    openEngine({ asked: values.engine, dir, env, live }),
  ]);
  keepPassword(password, operation);
  const token = tokenFor(target, operation);
  const { concurrency, cpus, rolling } = values;
  const { lines, rest } = await engine.upWorker({
    ...server,
    password,
    token,
    concurrency,
    cpus,
    control: target.control,
    rolling,
    env,
  });
  const host = env.JOBSTORM_HOST || hostname();
  await untilSeenByRoom(target.control.replace(/^ws/, 'http'), bearerToken(token, password), host);
  live.clear();
  for (const line of lines) live.say(line);
  live.say(`the worker fetches jobs from ${describeAddress(target.address)}`);
  await note(target, engine.kind, dir);
  if (rest) live.doing("starting what sends this host's container figures to the dashboard");
  const notes = (await rest) ?? [];
  live.clear();
  for (const line of notes) live.say(line);
  live.say(
    operation.terminal.dim('next: just perf-test 10000      (just worker-stats, just worker-logs, just down worker)'),
  );
  return ExitCode.good;
}

/** Runs `jobstorm up worker` from its arguments to its exit code. Never throws. */
export function upWorker(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'up worker', help: upWorkerHelp, table: upWorkerSettings, work });
}
