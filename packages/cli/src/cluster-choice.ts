// Which cluster a command means: the server that was named, else the one that this checkout started last if it still answers, else
// none, and a local one is booted. Kept light: it is asked before anything else is loaded.
// Invariant: a server that was named is never exchanged for another one, whether it answers or not.

import { realpathSync } from 'node:fs';
import { Client, describeAddress, type JobstormError, parseServerUrl, type ServerAddress } from '@jobstorm/protocol';
import { type CurrentCluster, readCurrent } from './current.ts';
import { projectName } from './operate/checkout.ts';
import { isThisHost } from './this-host.ts';

/** What is known of the server's other parts without looking for them. */
export interface NotedParts {
  /** http://host:port; null: not known. */
  api: string | null;
  control: string | null;
  /** Compose project of the server side; null: it is not in containers of this checkout. */
  project: string | null;
}

export interface ClusterChoice {
  /** null: a local cluster is to be booted. */
  server: ServerAddress | null;
  /** How it was chosen, to stand behind its address. */
  because: string;
  noted: NotedParts;
  /** Why the noted cluster was not taken; null: it was, or there is none. */
  passedOver: string | null;
}

export interface ChoiceInput {
  /** The server that was named, and by what: `--url`, `FAKTORY_SERVER_IP`. */
  named: { address: ServerAddress; by: string } | null;
  /** FAKTORY_PASSWORD. */
  password: string | null;
  /** Where `.jobstorm/current` may be. */
  dir: string;
  /** Why the server has to be one of the command's own, so that the noted one is passed over; null: it has not. */
  ownBecause?: string | null;
  /** Rejects when nobody who takes the password answers there. */
  probe?: (address: ServerAddress) => Promise<void>;
}

const probeWithinMs = 2000;
/** Of a server that was not noted. */
export const noneNoted: NotedParts = { api: null, control: null, project: null };

async function connectOnce(address: ServerAddress): Promise<void> {
  const client = await Client.connect({ address, connectTimeoutMs: probeWithinMs });
  await client.close();
}

function addressOf({ url }: CurrentCluster, password: string | null): ServerAddress | null {
  try {
    return { ...parseServerUrl(url), password };
  } catch {
    return null;
  }
}

/** Two names of one server: the same port of the same host, of which this one has several. */
function isSameServer(a: ServerAddress, b: ServerAddress): boolean {
  return a.port === b.port && (a.host === b.host || (isThisHost(a.host) && isThisHost(b.host)));
}

function notedParts({ api, control, by, engine }: CurrentCluster, dir: string): NotedParts {
  const project = by === 'server' && engine === 'docker' ? projectName(realpathSync(dir), 'server') : null;
  return { api, control, project };
}

function startedText({ by, startedAt }: CurrentCluster): string {
  const at = Date.parse(startedAt);
  const when = Number.isNaN(at) ? startedAt : new Date(at).toLocaleString('sv-SE');
  return by === 'server' ? `started here at ${when}` : `whose worker was started here at ${when}`;
}

/** Never rejects: a named server is not asked, and a noted one that does not answer is passed over. */
export async function chooseCluster(input: ChoiceInput): Promise<ClusterChoice> {
  const { named, password, dir, ownBecause = null, probe = connectOnce } = input;
  const current = readCurrent(dir);
  const address = current && addressOf(current, password);
  if (named) {
    const same = current && address && isSameServer(address, named.address);
    const noted = same ? notedParts(current, dir) : noneNoted;
    return { server: named.address, because: `named by ${named.by}`, noted, passedOver: null };
  }
  const none = { server: null, because: '', noted: noneNoted };
  if (!current || !address) return { ...none, passedOver: null };
  const passOver = (reason: string) => ({
    ...none,
    passedOver: `not the one at ${describeAddress(address)}, ${startedText(current)}: ${reason}`,
  });
  if (ownBecause !== null) return passOver(ownBecause);
  try {
    await probe(address);
    return { server: address, because: startedText(current), noted: notedParts(current, dir), passedOver: null };
  } catch (error) {
    return passOver((error as JobstormError).message);
  }
}
