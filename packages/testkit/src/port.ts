// Free loopback ports for programs that have to be told theirs. What listens in this process should ask for port 0 instead:
// between freePort's answer and its use another process can take the port.

import { createServer, type Server } from 'node:net';

/** Listens on 127.0.0.1:`port` (0: any) and resolves with the server, or null when the port is taken. */
function occupy(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** A loopback port that nobody listened on a moment ago. With `count` > 1 the next ports up are free as well. */
export async function freePort(count = 1): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const held: Server[] = [];
    try {
      const first = await occupy(0);
      if (!first) continue;
      held.push(first);
      const port = portOf(first);
      while (held.length < count && port + held.length <= 65_535) {
        const next = await occupy(port + held.length);
        if (!next) break;
        held.push(next);
      }
      if (held.length === count) return port;
    } finally {
      await Promise.all(held.map(release));
    }
  }
  throw new Error(`found no ${count} free loopback ports in a row in 50 attempts`);
}
