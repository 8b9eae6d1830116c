// Binding a listener, with an error that names the address and what to do.

import type { Server } from 'node:net';
import { type ListenAddress, listenAddress } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';

/**
 * Listens on host:port (0: any free one) and returns where. `flag` is the setting that chooses the address.
 * @throws JobstormError EADDRINUSE, EACCES, …
 */
export function listen(listener: Server, host: string, port: number, flag: string): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? `something listens there already; stop it, or choose another address with ${flag} HOST:PORT`
          : error.message;
      const message = `cannot listen on ${listenAddress({ host, port })}: ${reason}`;
      reject(new JobstormError(error.code ?? 'ELISTEN', message, { cause: error }));
    };
    listener.once('error', fail);
    listener.listen({ host, port, backlog: 4096 }, () => {
      listener.off('error', fail);
      const bound = listener.address();
      resolve({ host, port: bound !== null && typeof bound === 'object' ? bound.port : port });
    });
  });
}
