// One server to a folder. The lock is a Unix socket in it that its owner listens on: the system closes it whatever way the owner
// ends, and it reaches from one container to another where process ids don't. What a killed owner leaves is a socket that
// nobody answers. Invariant: whoever holds the lock listens on the socket that stands under the lock's name.

import { randomUUID } from 'node:crypto';
import { linkSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { JobstormError } from '@jobstorm/protocol';

export interface Lock {
  release(): Promise<void>;
}

const lockName = 'lock';
/** More tries than there can be servers that start in the same moment. */
const maxTries = 20;
/** Longest path of a socket that systems take, in bytes. */
const maxPathBytes = 100;

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** True when somebody listens on a socket. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
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

/** Puts a socket under the lock's name; false when one is there. */
function claim(own: string, path: string): boolean {
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Takes a lock that nobody answers for away, by its move to a name of our own: only one can do that. */
async function clear(path: string, aside: string): Promise<void> {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return;
  }
  // Somebody may have taken it over in the meantime; that one gets it back.
  if (await isAnswered(aside)) claim(aside, path);
  rmSync(aside, { force: true });
}

/**
 * Locks a folder, which has to be there.
 * @throws JobstormError ELOCKED when another server has it
 */
export async function lockFolder(folder: string): Promise<Lock> {
  const id = randomUUID().slice(0, 8);
  const [path, own, aside] = [lockName, `lock-${id}`, `old-${id}`].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  if (Buffer.byteLength(own) > maxPathBytes) {
    throw new JobstormError(
      'ELOCKED',
      `--data ${folder}: its path is too long to lock it; use one of up to 80 characters`,
    );
  }
  const server = await listen(own);
  try {
    for (let tries = 0; tries < maxTries; tries++) {
      if (claim(own, path)) return { release: () => release(server, path) };
      if (await isAnswered(path)) break;
      await clear(path, aside);
    }
    throw new JobstormError(
      'ELOCKED',
      `--data ${folder} is in use by another server: give this one a folder of its own, or stop that one`,
    );
  } catch (error) {
    await new Promise((resolve) => server.close(resolve));
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function release(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  return new Promise((resolve) => server.close(() => resolve()));
}
