// Who may talk to the control room. Three cases, decided by the secrets that it was given:
//
//   no token             whoever can reach loopback, but no web page of another site: Host must name loopback (else a foreign
//                        name was made to resolve here), and an Origin, which browsers always send, must be our own
//   no token, but open   the same for whoever can reach it, by any name; for closed labs
//   a token              whoever shows it or the key of the job server's password, or a session that was made from one of them;
//                        Origin must still be our own. With a session alone what changes something, or opens a websocket,
//                        must have an Origin: it proves that our own page asks, and not another site with the browser's cookie.

import type { IncomingMessage } from 'node:http';
import { isLoopback, isOneOf } from '@jobstorm/program';
import { readCookie, Sessions } from './session.ts';

export interface Refusal {
  status: 401 | 403;
  reason: string;
}

/** `public`: nobody is asked for a secret. `change`: it is more than a look. */
export type Access = 'public' | 'look' | 'change';

export interface GuardOptions {
  /** What is taken as a bearer token, the token itself first; empty: nobody is asked. */
  tokens: readonly string[];
  /** Names other than loopback's will do without a token. */
  open?: boolean;
  /** Epoch milliseconds. */
  now?: () => number;
}

type Headers = Pick<IncomingMessage, 'headers'>;

export class Guard {
  readonly #tokens: readonly string[];
  readonly #open: boolean;
  readonly #now: () => number;
  readonly #sessions: Sessions | null;

  constructor({ tokens, open = false, now = Date.now }: GuardOptions) {
    this.#tokens = tokens;
    this.#open = open;
    this.#now = now;
    this.#sessions = tokens[0] === undefined ? null : new Sessions(tokens[0]);
  }

  /** Why a request or upgrade is turned away; null: it may come in. */
  refuse({ headers }: Headers, access: Access): Refusal | null {
    const host = parseHost(headers.host);
    if (!host) return { status: 403, reason: 'the Host header is missing or no host' };
    if (!this.#sessions && !this.#open && !isLoopback(host.hostname)) {
      return { status: 403, reason: 'this control room answers to loopback names only; set JOBSTORM_TOKEN to open it' };
    }
    const { origin } = headers;
    if (origin !== undefined && origin !== `http://${host.host}` && origin !== `https://${host.host}`) {
      return { status: 403, reason: 'the Origin header names another site' };
    }
    if (access === 'public' || !this.#sessions) return null;
    const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given !== undefined) return isOneOf(given, this.#tokens) ? null : wrong;
    const session = readCookie(headers.cookie, cookieName(host));
    if (session === null) return missing;
    if (!this.#sessions.isValid(session, this.#now())) return ended;
    if (access === 'change' && origin === undefined) {
      return { status: 403, reason: 'a session alone does this only with an Origin header, as browsers send it' };
    }
    return null;
  }

  /** The Set-Cookie header of a new session for who shows a token; '' where none is asked for; null: it is not the token. */
  enter({ headers }: Headers, token: string): string | null {
    const host = parseHost(headers.host);
    if (!this.#sessions) return '';
    if (!host || !isOneOf(token, this.#tokens)) return null;
    return this.#sessions.cookie(cookieName(host), this.#sessions.issue(this.#now()));
  }
}

const missing: Refusal = { status: 401, reason: 'send JOBSTORM_TOKEN as "Authorization: Bearer TOKEN"' };
const wrong: Refusal = {
  status: 401,
  reason: "that is neither JOBSTORM_TOKEN nor the key of the job server's password",
};
const ended: Refusal = { status: 401, reason: 'this session has ended: open the link with the token again' };

interface Host {
  host: string;
  hostname: string;
  port: string;
}

/** Cookies know hosts, not ports: without the port two control rooms of one host would take each other's away. */
function cookieName({ port }: Host): string {
  return `jobstorm-${port || '80'}`;
}

function parseHost(header: string | undefined): Host | null {
  if (!header || !URL.canParse(`http://${header}`)) return null;
  const { host, hostname, port, pathname, username } = new URL(`http://${header}`);
  if (pathname !== '/' || username !== '') return null;
  return { host, hostname: hostname.replace(/^\[|\]$/g, ''), port };
}
