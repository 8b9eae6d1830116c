// `jobstorm doctor`: asks this machine and the job server, judges what they say, and shows it. Invariant: it starts, changes and
// ends nothing.

import { writeFileSync } from 'node:fs';
import { ExitCode, jobServerAddress } from '@jobstorm/program';
import { JobstormError, parseServerUrl } from '@jobstorm/protocol';
import { connectionsOf } from '@jobstorm/worker-node';
import { readCurrent } from '../../current.ts';
import { DockerCli } from '../docker/cli.ts';
import type { Ports } from '../engine.ts';
import { greets } from '../native/status.ts';
import { type Operation, operate } from '../operation.ts';
import { type DoctorSettings, doctorHelp, doctorSettings } from './config.ts';
import { checkDocker, type DockerFacts } from './docker.ts';
import { gatherDocker, gatherMachine, gatherSecrets } from './facts.ts';
import { type Finding, findingLine, ok, verdictLine } from './finding.ts';
import {
  checkBuild,
  checkCpus,
  checkFiles,
  checkMemory,
  checkNode,
  checkOutgoing,
  coresFor,
  type MachineFacts,
  type WorkerWish,
} from './machine.ts';
import { checkPorts, type PortFact } from './ports.ts';
import { gatherPorts, gatherServer, type ServerChoice } from './probe.ts';
import { checkSecrets, type SecretFacts } from './secrets.ts';
import {
  checkAnswer,
  checkClock,
  checkConnections,
  checkRoundTrip,
  checkSlots,
  type LoadWish,
  roundTripOf,
  type ServerFacts,
} from './server.ts';

/** All that is judged. */
export interface DoctorFacts {
  machine: MachineFacts;
  docker: DockerFacts;
  secrets: SecretFacts;
  ports: readonly PortFact[];
  /** null: none was named and none is here. */
  server: ServerFacts | null;
  wish: WorkerWish;
  load: LoadWish;
}

/** Everything that can be said of these facts. */
export function examine({ machine, docker, secrets, ports, server, wish, load }: DoctorFacts): Finding[] {
  const cores = coresFor(wish, machine);
  const ofServer = server
    ? [checkAnswer(server), ...checkRoundTrip(server), ...checkClock(server), ...checkConnections(wish, server)]
    : [ok('server', 'none was named and none runs here: FAKTORY_SERVER_IP or --url names one')];
  return [
    checkNode(machine.node),
    ...checkBuild(machine.build),
    ...checkDocker(docker),
    checkCpus(wish, machine),
    checkMemory(wish, machine),
    ...checkFiles(wish, machine),
    ...checkOutgoing(
      machine,
      ports.map(({ port }) => port),
    ),
    ...checkPorts(ports),
    ...checkSecrets(secrets),
    ...ofServer,
    checkSlots(wish, cores, load, server && roundTripOf(server.probes)),
  ];
}

async function chooseServer({ url, password, faktoryPort }: DoctorSettings, dir: string): Promise<ServerChoice | null> {
  if (url !== null) return { address: jobServerAddress(url, password), because: 'as named', named: true };
  const current = readCurrent(dir);
  if (current) {
    return { address: { ...parseServerUrl(current.url), password }, because: 'the cluster started last', named: false };
  }
  if (!(await greets('127.0.0.1', faktoryPort))) return null;
  return { address: { host: '127.0.0.1', port: faktoryPort, password }, because: 'found here', named: false };
}

const portsOf = ({ faktoryPort, webPort, apiPort, dashboardPort }: DoctorSettings): Ports => ({
  faktory: faktoryPort,
  web: webPort,
  api: apiPort,
  dashboard: dashboardPort,
});

async function gather({ values, dir, env }: Operation<typeof doctorSettings>): Promise<DoctorFacts> {
  const { concurrency, cpus, replicas, workerMemory, rate, serviceTimeMs, engine, open } = values;
  const cli = new DockerCli(dir, env);
  const [docker, choice] = await Promise.all([gatherDocker(cli, engine), chooseServer(values, dir)]);
  const machine = gatherMachine(dir, docker);
  // One after the other: who measures a round trip does nothing else meanwhile.
  const server = choice && (await gatherServer(choice));
  const address = choice?.address ?? null;
  const ports = await gatherPorts({
    dir,
    ports: portsOf(values),
    server: address,
    cli: docker.engine === null ? null : cli,
  });
  const processes = Math.min(Math.ceil(coresFor({ cpus }, machine)), concurrency);
  return {
    machine,
    docker,
    secrets: gatherSecrets(dir, env, open),
    ports,
    server,
    wish: {
      concurrency,
      cpus,
      replicas,
      memoryBytes: workerMemory === 0 ? null : workerMemory,
      connections: processes * connectionsOf(processes),
    },
    load: { ratePerS: rate, serviceMs: serviceTimeMs },
  };
}

function writeJson(path: string, findings: readonly Finding[], facts: DoctorFacts): void {
  const text = `${JSON.stringify({ schemaVersion: 1, findings, facts }, null, 2)}\n`;
  if (path === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new JobstormError('EJSON', `the findings can't be written to ${path}: ${(error as Error).message}`);
  }
}

async function work(operation: Operation<typeof doctorSettings>): Promise<number> {
  const { values, terminal: t, live } = operation;
  if (t.live) live.doing('looking around');
  const facts = await gather(operation);
  live.clear();
  const findings = examine(facts);
  if (values.json !== '-') {
    for (const finding of findings) t.write(`${findingLine(finding, t)}\n`);
    t.write(`${verdictLine(findings)}\n`);
  }
  if (values.json !== null) writeJson(values.json, findings, facts);
  return findings.some(({ state }) => state === 'fix') ? ExitCode.anythingElse : ExitCode.good;
}

/** Runs it from its arguments to its exit code. Never throws. */
export function doctor(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'doctor', help: doctorHelp, table: doctorSettings, work });
}
