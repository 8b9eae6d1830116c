// What can be wrong with a connection to a job server, in words: each names the address and, where there is one, what to check.

import { describeAddress, type ServerAddress } from './address.ts';
import { ConnectionError, type JobstormError, ProtocolError } from './error.ts';
import { serverError } from './promise-sink.ts';
import type { ReplyKind } from './reply.ts';

export function gone(address: ServerAddress): ConnectionError {
  return new ConnectionError('ECLOSED', `the connection to ${describeAddress(address)} has ended`);
}

export function late(address: ServerAddress, what: string): ConnectionError {
  return new ConnectionError('ETIMEDOUT', `${describeAddress(address)} ${what}`);
}

export function badPassword(address: ServerAddress): ConnectionError {
  return new ConnectionError(
    'EPASSWORD',
    `the job server at ${describeAddress(address)} did not take the password: check FAKTORY_PASSWORD`,
  );
}

export function garbled(address: ServerAddress, cause: ProtocolError): ProtocolError {
  return new ProtocolError(`${describeAddress(address)} does not answer as a job server: ${cause.message}`);
}

/** A reply to no command. Real Faktory says in that way why it closes, e.g. `-ERR too many connections`. */
export function unasked(address: ServerAddress, kind: ReplyKind, text: string): JobstormError {
  const where = describeAddress(address);
  if (kind !== 'error') return new ProtocolError(`the job server at ${where} sent a reply to no command`);
  return new ConnectionError(
    'EREFUSED',
    `the job server at ${where} ended the connection: ${serverError(text.slice(0, 200)).message}`,
  );
}

/** An error of the socket. */
export function explain(address: ServerAddress, error: NodeJS.ErrnoException): ConnectionError {
  const where = describeAddress(address);
  const code = error.code ?? 'ECONNECTION';
  if (code === 'ECONNREFUSED') {
    return new ConnectionError(
      code,
      `nothing listens at ${where}: check the address and the port, and that the job server runs there`,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ConnectionError(code, `the host name of ${where} can't be found: check its spelling`);
  }
  if (/CERT|SELF_SIGNED|ISSUER|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    return new ConnectionError(
      code,
      `the certificate of ${where} is not trusted: ${error.message}; NODE_EXTRA_CA_CERTS names a PEM file with its authority`,
    );
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return new ConnectionError(
      code,
      `${where} does not speak TLS as expected: check that it is a tcp+tls server (${code})`,
    );
  }
  // The error of a host with several addresses has no message of its own.
  return new ConnectionError(code, `the connection to ${where} failed: ${error.message || code}`, { cause: error });
}
