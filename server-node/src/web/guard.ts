// Who may use the web side: who knows the password, where there is one, and with actions only forms that this server made.
//
//   request ──▶ its name (no password, loopback: no page of another name can reach in by DNS) ──▶ password ──▶ from our own page?
//
// Invariant: nothing is changed by a request that another site's page could have made.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/** Why a request is turned away. */
export interface Refusal {
  status: 401 | 403;
  text: string;
}

export interface GuardOptions {
  /** Asked for by HTTP Basic, with any user name; null: not asked for. */
  password: string | null;
  /** It can be reached from this machine only. */
  isLoopback: boolean;
}

/** Equal, in a time that says nothing about where they differ. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function basicPassword(header: string | undefined): string | null {
  const encoded = /^Basic\s+(\S+)$/i.exec(header ?? '')?.[1];
  if (!encoded) return null;
  const text = Buffer.from(encoded, 'base64').toString();
  return text.slice(text.indexOf(':') + 1);
}

/** localhost, names below it, and IP addresses: what nobody else's DNS can make point here. */
function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return isIP(name) !== 0 || /^([a-z0-9-]+\.)*localhost$/i.test(name);
}

export class Guard {
  /** Stands in every form; other sites can't read it. */
  readonly token = randomBytes(24).toString('base64url');
  readonly #password: string | null;
  readonly #isLoopback: boolean;

  constructor({ password, isLoopback }: GuardOptions) {
    this.#password = password;
    this.#isLoopback = isLoopback;
  }

  /** Whether it may look. */
  refusal({ authorization, host = '' }: IncomingHttpHeaders): Refusal | null {
    if (this.#password === null) {
      if (!this.#isLoopback || isOwnName(host)) return null;
      return {
        status: 403,
        text: `this server is not called ${JSON.stringify(host)}; use its address, or set FAKTORY_PASSWORD`,
      };
    }
    const given = basicPassword(authorization);
    if (given === null) return { status: 401, text: 'Authorization required' };
    return isSame(given, this.#password) ? null : { status: 401, text: 'Authorization failed' };
  }

  /** Whether it comes from a page of this server; `token` is what its form says. */
  crossSiteRefusal(headers: IncomingHttpHeaders, token: string | null): Refusal | null {
    const refused: Refusal = {
      status: 403,
      text: 'this did not come from a page of this server; load the page again and retry',
    };
    const site = headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin') return refused;
    if (headers.origin !== undefined && !isOrigin(headers.origin, headers.host)) return refused;
    return token !== null && isSame(token, this.token) ? null : refused;
  }
}

/** Whether an Origin header names the host that was asked. */
function isOrigin(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host?.toLowerCase();
  } catch {
    return false; // "null", of a sandboxed page
  }
}
