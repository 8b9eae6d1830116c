// The JSON payloads of ACK, FAIL and BEAT, checked as Faktory's decoder checks them. null: not what the command takes.

import { toByteText } from '@jobstorm/protocol';
import { findFraction, workerIntegers } from './fraction.ts';
import { isInt64 } from './job-fields.ts';
import { JsonError, parseJson, unnameNulls } from './json-text.ts';
import type { FailureReport } from './retry.ts';

const ackStart = '{"jid":"';
const ackEnd = '"}';
const plainAscii = /^[\x20-\x7e]*$/;

/**
 * The jid of an ACK in the form that nearly all clients send, cut out without parsing: `{"jid":"…"}` with nothing to unescape.
 * null: not that form; `readAck` reads any.
 */
export function cutAckJid(payload: string): string | null {
  if (!payload.startsWith(ackStart) || payload.indexOf('"', ackStart.length) !== payload.length - ackEnd.length)
    return null;
  if (!payload.endsWith(ackEnd) || payload.includes('\\')) return null;
  const jid = payload.slice(ackStart.length, -ackEnd.length);
  // Reservations are kept by byte text, which is something else beyond ASCII.
  return plainAscii.test(jid) ? jid : null;
}

type Fields = Record<string, unknown>;

/** An object, {} for null, or null for anything else. */
function readObject(payload: string): Fields | null {
  try {
    const value = parseJson(payload);
    if (value === null) return {};
    return typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : null;
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

/** As `readObject`, for what Faktory decodes into a struct: null changes no field. */
function readStruct(payload: string): Fields | null {
  const fields = readObject(payload);
  return fields && Object.values(fields).includes(null) ? readObject(unnameNulls(payload)) : fields;
}

const isAbsent = (value: unknown) => value === undefined || value === null;
const isText = (value: unknown) => isAbsent(value) || typeof value === 'string';

/** The jid (byte text) of an ACK: an object of texts with a jid among them. */
export function readAck(payload: string): string | null {
  const fields = readObject(payload);
  if (!fields || !Object.hasOwn(fields, 'jid') || !Object.values(fields).every(isText)) return null;
  return toByteText((fields.jid as string | null) ?? '');
}

/** The jid as text (empty when missing) and the report of a FAIL. */
export function readFail(payload: string): { jid: string; report: FailureReport } | null {
  const fields = readStruct(payload);
  if (!fields) return null;
  const { jid, errtype, message, backtrace } = fields;
  if (!isText(jid) || !isText(errtype) || !isText(message)) return null;
  if (!isAbsent(backtrace) && !(Array.isArray(backtrace) && backtrace.every(isText))) return null;
  return { jid: (jid as string | null) ?? '', report: fields as FailureReport };
}

export interface Beat {
  wid: string;
  rssKb: number;
  currentState: string;
}

export function readBeat(payload: string): Beat | null {
  const fields = readStruct(payload);
  if (!fields || findFraction(payload, 1, workerIntegers)) return null;
  const { wid, rss_kb: rssKb, current_state: currentState } = fields;
  if (!isText(wid) || !isText(currentState) || !(isAbsent(rssKb) || isInt64(rssKb))) return null;
  return {
    wid: (wid as string | null) ?? '',
    rssKb: (rssKb as number | null) ?? 0,
    currentState: (currentState as string | null) ?? '',
  };
}
