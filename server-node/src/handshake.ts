// The server's side of HI and HELLO: the greeting with its challenge, and what a client's first line must be.

import { randomBytes, randomInt } from 'node:crypto';
import { findFraction, workerIntegers } from './fraction.ts';
import { JsonError, parseJson } from './json-text.ts';
import type { WorkerIdentity } from './workers.ts';

const minIterations = 4000;
const iterationsRange = 4096;

export interface Challenge {
  salt: string;
  iterations: number;
}

/** A new challenge for one connection. */
export function makeChallenge(): Challenge {
  return {
    salt: (randomBytes(8).readBigUInt64BE() >> 1n).toString(16),
    iterations: minIterations + randomInt(iterationsRange),
  };
}

/** The greeting, byte text. */
export function greeting(challenge: Challenge | null): string {
  return challenge ? `+HI {"v":2,"i":${challenge.iterations},"s":"${challenge.salt}"}\r\n` : '+HI {"v":2}\r\n';
}

export interface Hello {
  version: number;
  passwordHash: string;
  /** null for a connection that belongs to no worker. */
  worker: WorkerIdentity | null;
}

const isAbsent = (value: unknown) => value === undefined || value === null;
const isText = (value: unknown) => isAbsent(value) || typeof value === 'string';
const isWhole = (value: unknown) => isAbsent(value) || Number.isInteger(value);

/** Reads a client's first line; null: it is no HELLO, and such a client gets no answer. */
export function readHello(line: string): Hello | null {
  if (!line.startsWith('HELLO {')) return null;
  let fields: Record<string, unknown>;
  try {
    fields = parseJson(line.slice('HELLO '.length)) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
  const { hostname, wid, pwdhash, username, labels, pid, rss_kb: rssKb, v } = fields;
  if (![hostname, wid, pwdhash, username].every(isText) || ![pid, rssKb, v].every(isWhole)) return null;
  if (!isAbsent(labels) && !(Array.isArray(labels) && labels.every(isText))) return null;
  const version = (v as number | null | undefined) ?? 0;
  if (version < 0 || version > 255 || findFraction(line, 1, workerIntegers)) return null;
  return {
    version,
    passwordHash: (pwdhash as string | null | undefined) ?? '',
    worker: wid ? identity({ wid, hostname, labels, pid }) : null,
  };
}

function identity(fields: { wid: unknown; hostname: unknown; labels: unknown; pid: unknown }): WorkerIdentity {
  return {
    wid: fields.wid as string,
    hostname: (fields.hostname as string | null | undefined) ?? '',
    labels: (fields.labels as string[] | null | undefined) ?? [],
    pid: (fields.pid as number | null | undefined) ?? 0,
  };
}
