// Who may talk to the control room. Two cases, decided by what it listens on:
//
//   loopback, no token   whoever can reach loopback, but no web page of another site: Host must name loopback (else a foreign
//                        name was made to resolve here), and an Origin, which browsers always send, must be our own
//   a token              whoever has it; Origin must still be our own
//
// Listening beyond loopback without a token is refused before it starts.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SettingsError } from '@jobstorm/program';

export interface Refusal {
  status: 401 | 403;
  reason: string;
}

/** True for names and addresses that only this machine reaches. Without brackets for IPv6. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(host);
}

/** @throws SettingsError when others could reach the host and no token is set */
export function checkExposure(host: string, token: string | null): void {
  if (token !== null || isLoopback(host)) return;
  throw new SettingsError([
    `--listen ${host} lets other machines in: set JOBSTORM_TOKEN to a secret that they must know, or listen on 127.0.0.1`,
  ]);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export class Guard {
  readonly #token: Buffer | null;

  constructor(token: string | null) {
    this.#token = token === null ? null : digest(token);
  }

  /** Why a request or upgrade is turned away; null: it may come in. `open`: does not ask for the token. */
  refuse({ headers }: Pick<IncomingMessage, 'headers'>, open = false): Refusal | null {
    const host = parseHost(headers.host);
    if (!host) return { status: 403, reason: 'the Host header is missing or no host' };
    if (this.#token === null && !isLoopback(host.hostname)) {
      return { status: 403, reason: 'this control room answers to loopback names only; set JOBSTORM_TOKEN to open it' };
    }
    if (
      headers.origin !== undefined &&
      headers.origin !== `http://${host.host}` &&
      headers.origin !== `https://${host.host}`
    ) {
      return { status: 403, reason: 'the Origin header names another site' };
    }
    if (open || this.#token === null) return null;
    const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '';
    // Digests are of one length, so the comparison tells nothing by its time.
    return timingSafeEqual(digest(given), this.#token)
      ? null
      : { status: 401, reason: 'send JOBSTORM_TOKEN as "Authorization: Bearer TOKEN"' };
  }
}

function parseHost(header: string | undefined): { host: string; hostname: string } | null {
  if (!header || !URL.canParse(`http://${header}`)) return null;
  const { host, hostname, pathname, username } = new URL(`http://${header}`);
  if (pathname !== '/' || username !== '') return null;
  return { host, hostname: hostname.replace(/^\[|\]$/g, '') };
}
