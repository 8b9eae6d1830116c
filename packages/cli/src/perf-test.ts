// `jobstorm perf-test`: reads its settings, says what is in force, and hands over to the run. Kept light: a local cluster's server
// starts before the rest of this program is loaded, so that the two take the same time instead of one after the other.

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  asksForHelp,
  describeSettings,
  ExitCode,
  helpText,
  loadDotEnv,
  reportError,
  SettingsError,
} from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { type PerfTestConfig, perfTestHelp, perfTestSettings, readPerfTest } from './config.ts';
import { Interrupt } from './interrupt.ts';
import { startLocalServer } from './local-server.ts';
import { Nest } from './nest.ts';
import { makeTerminal, type Terminal } from './terminal.ts';

/** One line that says which cluster was chosen. */
export function describeChoice(config: PerfTestConfig): string {
  if (config.server) return `cluster: ${describeAddress(config.server)}, queue ${config.values.queue}`;
  return 'cluster: a local one, booted for this run: server-node, in memory: not your Faktory';
}

function checkJsonPath(path: string | null): void {
  if (path === null) return;
  const folder = dirname(resolve(path));
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('a folder');
  } catch {
    throw new SettingsError([`--json: got "${path}", expected a file in a folder that exists and can be written to`]);
  }
}

function announce(config: PerfTestConfig, t: Terminal): void {
  t.write(`${describeChoice(config)}\n`);
  const { server, values, jobs, shape, workerCpus } = config;
  const url = server && describeAddress(server);
  const inForce = { ...values, jobs, url, jobtype: shape.jobtype, cpus: workerCpus };
  t.write(t.dim(`settings: ${describeSettings(perfTestSettings, inForce)}\n`));
  if (config.values.cpus > config.workerCpus) {
    t.write(
      t.dim(
        `cpus: ${config.values.cpus} were asked for and this machine has ${config.workerCpus}: using ${config.workerCpus}\n`,
      ),
    );
  }
}

async function start(config: PerfTestConfig, argv: readonly string[], terminal: Terminal): Promise<number> {
  const nest = new Nest();
  const interrupt = new Interrupt(() => nest.kill());
  try {
    const server = config.server ? null : startLocalServer(nest);
    server?.catch(() => {}); // whoever needs it hears of it
    const { runCommand } = await import('./run-command.ts');
    return await runCommand({ config, argv, terminal, nest, interrupt, server });
  } finally {
    interrupt.release();
  }
}

/** Runs `jobstorm perf-test` from its arguments to its exit code. Never throws. */
export async function perfTest(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(perfTestHelp, perfTestSettings));
    return ExitCode.good;
  }
  try {
    const config = readPerfTest(argv, loadDotEnv(process.env, process.cwd()));
    checkJsonPath(config.values.json);
    const t = makeTerminal(process.stdout, process.env);
    announce(config, t);
    return await start(config, argv, t);
  } catch (error) {
    return reportError('perf-test', error);
  }
}
