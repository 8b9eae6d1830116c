// What takes connections, plain or by TLS, as one kind of thing: sockets come out once they can be talked to.
// Invariant: after `destroyUnready` no connection is left that has not come out yet.

import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A certificate and its key, as PEM text. */
export interface TlsKeys {
  cert: string;
  key: string;
}

export interface Listener {
  server: Server;
  /** Ends the connections that are still in their TLS handshake. */
  destroyUnready(): void;
}

/** A client has this long for TLS, as it has for HELLO. */
const tlsHandshakeMs = 2000;
const options = { allowHalfOpen: true, noDelay: true };

/** @throws Error when key or certificate can't be used */
export function makeListener(tls: TlsKeys | null, onSocket: (socket: Socket) => void): Listener {
  if (tls === null) return { server: createServer(options, onSocket), destroyUnready: () => {} };
  /** By where they come from, for the two events of a connection carry different sockets. */
  const unready = new Map<string, Socket>();
  const from = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  const server = createTlsServer({ ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: tlsHandshakeMs });
  server.on('connection', (raw: Socket) => {
    const key = from(raw);
    unready.set(key, raw);
    raw.on('close', () => unready.delete(key));
  });
  server.on('secureConnection', (socket: Socket) => {
    unready.delete(from(socket));
    onSocket(socket);
  });
  // Whoever speaks no TLS is dropped by the server itself, and is an everyday thing.
  server.on('tlsClientError', () => {});
  return {
    server,
    destroyUnready() {
      for (const raw of unready.values()) raw.destroy();
    },
  };
}
