// Where a job server is, as people write it: tcp://:password@host:7419, tcp+tls://…, host:7419, or just a host.

import { isIPv6 } from 'node:net';
import { JobstormError } from './error.ts';

export const defaultPort = 7419;

export interface ServerAddress {
  /** A name or an address; IPv6 without brackets. */
  host: string;
  port: number;
  /** null: none was given. */
  password: string | null;
  /** Set for tcp+tls. */
  tls?: true;
}

/**
 * Reads a job server's URL. Without a scheme it is taken as tcp, without a port as 7419.
 * @throws JobstormError EURL when it is no such URL
 */
export function parseServerUrl(given: string): ServerAddress {
  const text = given.trim();
  if (isIPv6(text)) return { host: text, port: defaultPort, password: null };
  const withScheme = /^[a-z][a-z+.-]*:\/\//i.test(text) ? text : `tcp://${text}`;
  const scheme = /^tcp(\+tls)?:/i.exec(withScheme);
  let url: URL;
  try {
    // The URL parser only takes hosts apart for schemes that it knows.
    url = new URL(withScheme.replace(/^tcp(\+tls)?:/i, 'http:'));
  } catch {
    throw badUrl(text);
  }
  if (url.protocol !== 'http:' || scheme === null || url.hostname === '') throw badUrl(text);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') throw badUrl(text);
  // `http:` hides its own default port.
  const port = url.port === '' ? (/:80\/?$/.test(text) ? 80 : defaultPort) : Number(url.port);
  if (port === 0) throw badUrl(text);
  const address = { host: url.hostname.replace(/^\[|\]$/g, ''), port, password: decodePassword(url.password, text) };
  return scheme[1] ? { ...address, tls: true } : address;
}

function decodePassword(encoded: string, text: string): string | null {
  try {
    return encoded === '' ? null : decodeURIComponent(encoded);
  } catch {
    // A lone % is no percent-encoding.
    throw badUrl(text);
  }
}

function badUrl(text: string): JobstormError {
  // Whatever stands before the last @ may be a password, or one with characters that belong encoded.
  const shown = text.replace(/^([a-z][a-z+.-]*:\/\/)?.*@/is, '$1***@');
  return new JobstormError(
    'EURL',
    `"${shown}" is not a job server's address; expected tcp://[:password@]host[:port], or tcp+tls://`,
  );
}

const schemeOf = ({ tls }: ServerAddress) => (tls ? 'tcp+tls' : 'tcp');

/** tcp://host:port or tcp+tls://host:port, never the password. */
export function describeAddress(address: ServerAddress): string {
  const { host, port } = address;
  return `${schemeOf(address)}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The URL with its password, for handing it to a part of ours. */
export function formatServerUrl(address: ServerAddress): string {
  const { host, port, password } = address;
  const credentials = password === null ? '' : `:${encodeURIComponent(password)}@`;
  return `${schemeOf(address)}://${credentials}${host.includes(':') ? `[${host}]` : host}:${port}`;
}
