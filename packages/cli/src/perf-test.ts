// `jobstorm perf-test`: reads its settings, says what is in force, and hands over to the run. Kept light: a local cluster's server
// starts before the rest of this program is loaded, so that the two take the same time instead of one after the other.

import {
  asksForHelp,
  type CommandHelp,
  describeSettings,
  ExitCode,
  helpText,
  loadDotEnv,
  reportError,
  type SettingsTable,
} from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { withBatching } from './batching.ts';
import type { ChildPart } from './child-part.ts';
import { chooseCluster } from './cluster-choice.ts';
import { type PerfTestConfig, perfTestHelp, perfTestSettings, readPerfTest, urlSource } from './config.ts';
import { Interrupt } from './interrupt.ts';
import { againstArguments } from './judge-settings.ts';
import { inMemory, startLocalServer } from './local-server.ts';
import { Nest } from './nest.ts';
import { withOverhead } from './overhead.ts';
import { checkReportPaths } from './reports.ts';
import { readResultFile } from './result-file.ts';
import type { CommandOptions } from './run-command.ts';
import { makeTerminal, type Terminal } from './terminal.ts';

/** One line that says which cluster was chosen. */
export function describeChoice(config: PerfTestConfig): string {
  const { server, because, values, localServer = inMemory } = config;
  if (server) return `cluster: ${describeAddress(server)}, ${because}, queue ${values.queue}`;
  return `cluster: a local one, booted for this run: ${localServer}: not your Faktory`;
}

function announce(config: PerfTestConfig, passedOver: string | null, table: SettingsTable, t: Terminal): void {
  t.write(`${describeChoice(config)}\n`);
  if (passedOver !== null) t.write(t.yellow(`  ${passedOver}\n`));
  const { server, values, jobs, shape, workerCpus } = config;
  const url = server && describeAddress(server);
  if (config.perRequest !== null) t.write(`one request: POST /jobs/batch with ${config.perRequest} jobs\n`);
  const inForce = { ...values, jobs, url, jobtype: shape.jobtype, cpus: workerCpus };
  t.write(t.dim(`settings: ${describeSettings(table, inForce)}\n`));
  if (config.values.cpus > config.workerCpus) {
    t.write(
      t.dim(
        `cpus: ${config.values.cpus} were asked for and this machine has ${config.workerCpus}: using ${config.workerCpus}\n`,
      ),
    );
  }
}

async function start(
  config: PerfTestConfig,
  argv: readonly string[],
  terminal: Terminal,
  { loadErrand, startServer }: LoadCommand,
): Promise<number> {
  const nest = new Nest();
  const interrupt = new Interrupt(() => {
    nest.kill();
    return nest.unfinished;
  });
  try {
    const server = config.server ? null : (startServer?.(nest) ?? startLocalServer(nest));
    server?.catch(() => {}); // whoever needs it hears of it
    const { runCommand } = await import('./run-command.ts');
    const errand = await loadErrand?.();
    return await runCommand({ config, argv, terminal, nest, interrupt, server, ...(errand ? { errand } : {}) });
  } finally {
    interrupt.release();
  }
}

/** A command that submits jobs and follows them: perf-test and its like. */
export interface LoadCommand {
  name: PerfTestConfig['command'];
  help: CommandHelp;
  table: SettingsTable;
  /** @throws SettingsError */
  read(
    argv: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ): PerfTestConfig | Promise<PerfTestConfig>;
  /** The server of a local cluster; null, or not set: the usual one. */
  startServer?: (nest: Nest) => Promise<ChildPart> | null;
  /** What the cluster is for; when not set, a measured run. Loaded while the cluster starts. */
  loadErrand?: () => Promise<NonNullable<CommandOptions['errand']>>;
}

async function readRun(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<PerfTestConfig> {
  const config = readPerfTest(argv, env);
  if (config.values.scenario === null) return config;
  return (await import('./scenario-choice.ts')).readScenarioRun(argv, env);
}

function asksForScenarios(argv: readonly string[]): boolean {
  return argv.some((word, at) => word === '--scenario=list' || (word === 'list' && argv[at - 1] === '--scenario'));
}

/** Runs `jobstorm perf-test` from its arguments to its exit code. Never throws. */
export async function perfTest(argv: readonly string[]): Promise<number> {
  if (asksForScenarios(argv)) {
    process.stdout.write((await import('./scenario-choice.ts')).scenarioList());
    return ExitCode.good;
  }
  return loadCommand({ name: 'perf-test', help: perfTestHelp, table: perfTestSettings, read: readRun }, argv);
}

/** With whatever takes turns with it by the flag that asks for it. */
function withTurns(config: PerfTestConfig): PerfTestConfig {
  const { overhead, batching } = config.values;
  if (overhead) return withOverhead(config);
  return batching ? withBatching(config) : config;
}

/** Runs such a command from its arguments to its exit code. Never throws. */
export async function loadCommand(command: LoadCommand, argv: readonly string[]): Promise<number> {
  const { name, help, table, read } = command;
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(help, table));
    return ExitCode.good;
  }
  try {
    const env = loadDotEnv(process.env, process.cwd());
    const asked = await read(argv, env);
    checkReportPaths(asked.values);
    if (asked.values.baseline !== null) readResultFile(asked.values.baseline, '--baseline');
    const t = makeTerminal(process.stdout, process.env);
    const { passedOver, ...choice } = await chooseCluster({
      named: asked.server && { address: asked.server, by: urlSource(argv, env) },
      password: asked.values.password,
      dir: process.cwd(),
      ownBecause: asked.localServer ? '--data is for a local one' : null,
    });
    const turns = await Promise.all(
      againstArguments(asked.values.against).map(async (flags) => ({
        name: flags.join(' ').replaceAll('--', ''),
        config: { ...(await read([...argv, ...flags], env)), ...choice },
      })),
    );
    const config = withTurns({ ...asked, ...choice, turns });
    announce(config, passedOver, table, t);
    return await start(config, argv, t, command);
  } catch (error) {
    return reportError(name, error);
  }
}
