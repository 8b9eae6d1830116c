// The commands of FWP as a table: verb → how its payload is read, what the manager is asked, and how the answer is put. No rules.

import { toByteText } from '@jobstorm/protocol';
import { findFraction, jobIntegers } from './fraction.ts';
import { type JobFields, jobTypeError, wrongType } from './job-fields.ts';
import { JsonError, parseJson } from './json-text.ts';
import type { Fetcher, Manager } from './manager.ts';
import { readMutation } from './mutation.ts';
import { cutAckJid, readAck, readBeat, readFail } from './payloads.ts';
import { bulkReply, errorReply, jsonReply, nilReply, okReply } from './replies.ts';
import type { Wait } from './waits.ts';
import type { Worker } from './workers.ts';

/** The connection that a command came in on, as the commands see it. */
export interface CommandSource extends Fetcher {
  readonly manager: Manager;
  /** The worker that it belongs to; null for a producer. */
  readonly worker: Worker | null;
  /** Its client has closed its side: it must not be given jobs any more. */
  readonly isLeaving: boolean;
  /** The reply comes by `deliver`; nothing more is run before. */
  hold(wait: Wait<Fetcher>): void;
  /** Sends what it has to send and closes. */
  finish(): void;
  /** Where the changes are. */
  readonly position: number;
  /** Its next reply says that something was changed: it must not go out before that is stored. */
  promise(): void;
}

/** `payload` is null when the verb stood alone. Returns byte text; empty: no reply, or a later one. */
type Command = (source: CommandSource, payload: string | null) => string;

const table = new Map<string, Command>([
  ['PUSH', push],
  ['PUSHB', pushBulk],
  ['FETCH', fetch],
  ['ACK', ack],
  ['FAIL', fail],
  ['BEAT', beat],
  ['INFO', info],
  ['FLUSH', flush],
  ['QUEUE', queue],
  ['MUTATE', mutate],
  ['END', end],
  ['BATCH', () => errorReply('batch subsystem is only available in Faktory Enterprise')],
  ['TRACK', () => errorReply('tracking subsystem is only available in Faktory Enterprise')],
]);

/** Runs one command line and returns its reply (see `Command`). */
export function runCommand(source: CommandSource, line: string): string {
  const blank = line.indexOf(' ');
  const verb = blank < 0 ? line : line.slice(0, blank);
  const command = table.get(verb);
  if (!command) return errorReply(`unknown command ${verb}`);
  source.manager.traffic.commands++;
  const before = source.position;
  const reply = command(source, blank < 0 ? null : line.slice(blank + 1));
  // OK is a promise even where nothing was left to do: of an ACK that came twice, the first may not be stored yet. A refusal is none,
  // and must come through while the disk takes nothing.
  if (reply === okReply ? command !== beat : source.position !== before) source.promise();
  return reply;
}

/** Runs `work`; JSON that can't be read or kept becomes an error that starts with `prefix`. */
function refusingBadJson(prefix: string, work: () => string): string {
  try {
    return work();
  } catch (error) {
    if (error instanceof JsonError) return errorReply(prefix + error.message);
    throw error;
  }
}

/** The decoder's complaint about an integer of a job, nested `level` deep, that is written as 3.0 or 3e0. */
function fractionError(payload: string, level: number): string | null {
  const found = findFraction(payload, level, jobIntegers);
  return found && `json: cannot unmarshal number ${found.literal} into Go struct field Job.${found.name} of type int`;
}

function push(source: CommandSource, payload: string | null): string {
  return refusingBadJson('invalid JSON: ', () => {
    const job = parseJson(payload ?? '');
    const typeError = jobTypeError(job) ?? fractionError(payload ?? '', 1);
    if (typeError) throw new JsonError(typeError);
    const refusal = source.manager.push((job ?? {}) as JobFields);
    return refusal ? errorReply(refusal) : okReply;
  });
}

function pushBulk(source: CommandSource, payload: string | null): string {
  return refusingBadJson('invalid JSON: ', () => {
    const jobs = parseJson(payload ?? '') ?? [];
    if (!Array.isArray(jobs)) throw new JsonError(wrongType(jobs, '[]client.Job'));
    for (const job of jobs) {
      const typeError = jobTypeError(job);
      if (typeError) throw new JsonError(typeError);
    }
    const error = fractionError(payload ?? '', 2);
    if (error) throw new JsonError(error);
    const refusals = new Map<string, string>();
    for (const job of jobs as (JobFields | null)[]) {
      const refusal = pushOne(source.manager, job ?? {});
      if (refusal) refusals.set(job?.jid ?? '', refusal);
    }
    return refusals.size === 0 ? bulkReply('{}') : mapReply(refusals);
  });
}

/** One job of many: what can't be kept is refused alone. */
function pushOne(manager: Manager, job: JobFields): string | null {
  try {
    return manager.push(job);
  } catch (error) {
    if (error instanceof JsonError) return `invalid JSON: ${error.message}`;
    throw error;
  }
}

/** A JSON object with sorted keys. Any key is data here, `__proto__` too. */
function mapReply(map: ReadonlyMap<string, string | number>): string {
  const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return bulkReply(toByteText(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)}}`));
}

function fetch(source: CommandSource, payload: string | null): string {
  if (payload === null) return errorReply('must call fetch with at least one queue');
  if (source.isLeaving) return nilReply;
  const { manager, worker } = source;
  const list = manager.lists.read(payload);
  const reservation = manager.fetch(list, worker);
  if (reservation) return bulkReply(reservation.text);
  source.hold(manager.wait(source, list, worker));
  return '';
}

function ack({ manager }: CommandSource, payload: string | null): string {
  const cut = payload === null ? null : cutAckJid(payload);
  // Anything but a plain jid of a known reservation is looked at again, properly.
  if (cut !== null && manager.acknowledge(cut)) return okReply;
  const jid = readAck(payload ?? '');
  if (jid === null) return errorReply(`invalid ACK ${payload ?? ''}`);
  manager.acknowledge(jid);
  return okReply;
}

function fail({ manager }: CommandSource, payload: string | null): string {
  const read = readFail(payload ?? '');
  if (!read) return errorReply(`invalid FAIL ${payload ?? ''}`);
  if (read.jid === '') return errorReply('missing JID');
  return manager.fail(toByteText(read.jid), read.report) ? okReply : errorReply(`Job not found ${read.jid}`);
}

function beat({ manager }: CommandSource, payload: string | null): string {
  const read = readBeat(payload ?? '');
  if (!read) return errorReply(`invalid BEAT ${payload ?? ''}`);
  const worker = manager.workers.get(read.wid);
  if (!worker) return errorReply(`unknown worker ${read.wid}`);
  worker.seenMs = manager.nowMs;
  worker.rssKb = read.rssKb;
  if (read.currentState === 'quiet' || read.currentState === 'terminate') worker.advance(read.currentState);
  return worker.state === 'running' ? okReply : jsonReply({ state: worker.state });
}

function info({ manager }: CommandSource): string {
  return jsonReply(manager.info());
}

function flush({ manager }: CommandSource): string {
  manager.flush();
  return okReply;
}

function queue({ manager }: CommandSource, payload: string | null): string {
  const [word = '', ...names] = (payload ?? '').split(' ');
  const action = word.toUpperCase();
  if (action === 'LATENCY') {
    if (names.length === 1 && names[0] === '*') return errorReply('QUEUE LATENCY does not support wildcards');
    return mapReply(manager.latencies(names));
  }
  if (action !== 'PAUSE' && action !== 'RESUME' && action !== 'REMOVE') {
    return errorReply(`no such QUEUE subcommand: ${action}`);
  }
  if (names.length === 0) return errorReply(`QUEUE ${action} needs the name of a queue, or *`);
  if (action === 'REMOVE') manager.removeQueues(names);
  else manager.setPaused(names, action === 'PAUSE');
  return okReply;
}

function mutate({ manager }: CommandSource, payload: string | null): string {
  if (payload === null) return errorReply('invalid format');
  return refusingBadJson('', () => {
    manager.mutate(readMutation(payload));
    return okReply;
  });
}

function end(source: CommandSource): string {
  source.finish();
  return '';
}
