// One server to a folder. Whoever wants it listens on a Unix socket of its own in it: the system closes it whatever way its owner
// ends, and it reaches from one container to another where process ids don't. What a killed owner leaves is a socket that nobody
// answers; its name is never used again, so anybody may remove it.
//
//   own socket there ─▶ look at the others ─▶ none answers: the folder is ours
//                         ▲      └─▶ one that came earlier answers: it is theirs
//                         └────────── only later ones answer: they give way, or had it before and keep it
//
// Invariant: whoever has the folder listens, and had looked when nobody else did. Of two, the later one to put its socket there
// looks after that, and so sees the other.

import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobstormError } from '@jobstorm/protocol';

export interface Lock {
  release(): Promise<void>;
}

const prefix = 'lock-';
/** How long later ones get to give way; if they don't, they are no newcomers but the owner, and a clock was set back. */
const patienceMs = 1000;
const lookEveryMs = 20;
/** Longest path of a socket that systems take, in bytes. */
const maxPathBytes = 100;

/** True unless it is certain that nobody listens on a socket: an owner that is stopped, or somebody else's, counts as one. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}

function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject).unref();
      resolve(server);
    });
  });
}

/** Names of the sockets of others that are answered. The rest is removed. */
async function othersIn(folder: string, own: string): Promise<string[]> {
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix) && name !== own);
  const answered = await Promise.all(names.map((name) => isAnswered(join(folder, name))));
  for (const [i, name] of names.entries()) if (!answered[i]) rmSync(join(folder, name), { force: true });
  return names.filter((_, i) => answered[i]);
}

/** True once nobody else is there; false when the folder is somebody else's. */
async function isOurs(folder: string, own: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += lookEveryMs) {
    const others = await othersIn(folder, own);
    if (others.length === 0) return true;
    if (others.some((name) => name < own)) return false;
    await sleep(lookEveryMs);
  }
  return false;
}

/**
 * Locks a folder, which has to be there.
 * @throws JobstormError ELOCKED when another server has it
 */
export async function lockFolder(folder: string): Promise<Lock> {
  // Early comers sort first: a second server then knows at once that it is the second.
  const id = `${Date.now().toString(36).padStart(9, '0')}-${randomBytes(3).toString('hex')}`;
  const own = prefix + id;
  const [path, entrance] = [join(folder, own), join(folder, `new-${id}`)];
  if (Buffer.byteLength(path) > maxPathBytes) {
    throw new JobstormError(
      'ELOCKED',
      `--data ${folder}: its path is too long to lock it; use one of up to 75 characters`,
    );
  }
  const server = await listen(entrance);
  const release = async () => {
    rmSync(path, { force: true });
    rmSync(entrance, { force: true });
    await new Promise((resolve) => server.close(resolve));
  };
  try {
    // It comes into sight only now that it answers.
    renameSync(entrance, path);
    if (await isOurs(folder, own)) return { release };
    throw new JobstormError(
      'ELOCKED',
      `--data ${folder} is in use by another server: give this one a folder of its own, or stop that one`,
    );
  } catch (error) {
    await release();
    throw error;
  }
}
