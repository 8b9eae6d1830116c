// Asks the job server and this host's ports what the doctor wants to know of them. Nothing here judges.

import { Client, describeAddress, type ServerAddress } from '@jobstorm/protocol';
import { epochUs } from '@jobstorm/telemetry';
import { askHealth } from '../../health.ts';
import { isThisHost } from '../../this-host.ts';
import { projectName } from '../checkout.ts';
import type { DockerCli } from '../docker/cli.ts';
import { publishers } from '../docker/containers.ts';
import type { Ports } from '../engine.ts';
import { isRunning } from '../native/process.ts';
import { PartRecords } from '../native/records.ts';
import { greets } from '../native/status.ts';
import { isTaken, type Publisher } from '../ports.ts';
import type { PortFact } from './ports.ts';
import type { Probe, ServerFacts } from './server.ts';

const connectTimeoutMs = 3500;
const probeCount = 11;

export interface ServerChoice {
  address: ServerAddress;
  because: string;
  named: boolean;
}

async function ask(client: Client): Promise<{ probe: Probe; version: string; connections: number }> {
  const sentAtMs = epochUs() / 1000;
  const { now, server } = await client.info();
  const answeredAtMs = epochUs() / 1000;
  const told = Date.parse(now);
  const probe = { sentAtMs, answeredAtMs, serverNowMs: Number.isNaN(told) ? null : told };
  return { probe, version: `${server.description} ${server.faktory_version}`, connections: server.connections };
}

/** Never rejects: a server that does not answer is a fact too. */
export async function gatherServer({ address, because, named }: ServerChoice): Promise<ServerFacts> {
  const facts = { address: describeAddress(address), because, named };
  let client: Client | null = null;
  try {
    client = await Client.connect({ address, connectTimeoutMs });
    await client.info(); // the first one takes the code's warming up with it
    const answers = [];
    for (let i = 0; i < probeCount; i++) answers.push(await ask(client));
    const { version, connections } = answers.at(-1)!;
    // Our own is no other client's.
    const others = Math.max(0, connections - 1);
    return { ...facts, failure: null, version, connections: others, probes: answers.map(({ probe }) => probe) };
  } catch (error) {
    const { code = 'EUNEXPECTED', message } = error as Error & { code?: string };
    return { ...facts, failure: { code, message }, version: null, connections: null, probes: [] };
  } finally {
    await client?.close();
  }
}

export interface PortQuestion {
  dir: string;
  ports: Ports;
  /** The job server that is looked at; null: none. */
  server: ServerAddress | null;
  /** null: no engine answers. */
  cli: DockerCli | null;
}

type Holder = Pick<PortFact, 'held' | 'holder'>;

function nativeHolder(dir: string, port: number): Holder | null {
  const records = new PartRecords(`${dir}/.jobstorm/parts`).all();
  const record = records.find(({ args }) => args.some((argument) => argument.endsWith(`:${port}`)));
  if (!record || !isRunning(record)) return null;
  return { held: 'expected', holder: `this checkout's ${record.part} (pid ${record.pid})` };
}

function containerHolder(dir: string, port: number, all: readonly Publisher[]): Holder | null {
  const by = all.find(({ ports }) => ports.includes(port));
  if (!by) return null;
  if (by.project === projectName(dir, 'server')) return { held: 'expected', holder: `this checkout's ${by.name}` };
  const where = by.folder === null ? '' : ` in ${by.folder}`;
  if (by.part !== null) return { held: 'jobstorm', holder: `the jobstorm checkout${where}` };
  return { held: 'other', holder: `the container ${by.name}${where}` };
}

/** What answers there. */
async function askHolder(name: keyof Ports, { ports, server }: PortQuestion): Promise<Holder> {
  const port = ports[name];
  const at = `http://127.0.0.1:${port}`;
  if (name === 'api' && (await askHealth(at, 'api'))) return { held: 'jobstorm', holder: 'an api-service of jobstorm' };
  if (name === 'dashboard' && (await askHealth(at, 'dashboard'))) {
    return { held: 'jobstorm', holder: 'a control room of jobstorm' };
  }
  if ((name === 'faktory' || name === 'web') && (await greets('127.0.0.1', ports.faktory))) {
    const looked = server !== null && server.port === ports.faktory && isThisHost(server.host);
    const who = name === 'faktory' ? 'the job server' : "the job server's page, most likely";
    return looked ? { held: 'expected', holder: `${who} that is looked at` } : { held: 'jobstorm', holder: who };
  }
  return { held: 'other', holder: 'another program' };
}

/** Empty when the server is on another host: nothing is to listen here then. */
export async function gatherPorts(question: PortQuestion): Promise<PortFact[]> {
  const { dir, ports, server, cli } = question;
  if (server !== null && !isThisHost(server.host)) return [];
  const containers = cli === null ? [] : await publishers(cli).catch(() => []);
  const names = Object.keys(ports) as (keyof Ports)[];
  return Promise.all(
    names.map(async (name) => {
      const port = ports[name];
      if (!(await isTaken(port))) return { name, port, held: 'free', holder: '' } as const;
      const holder =
        nativeHolder(dir, port) ?? containerHolder(dir, port, containers) ?? (await askHolder(name, question));
      return { name, port, ...holder };
    }),
  );
}
