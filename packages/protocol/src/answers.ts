// What the server's answers mean: text of a reply in, value out. Invariant: an answer that does not fit its command is a
// ProtocolError, never a value of another shape.

import { ProtocolError } from './error.ts';

export type WorkerState = 'running' | 'quiet' | 'terminate';

/** The document of INFO; counts are whole numbers. */
export interface ServerInfo {
  now: string;
  server_utc_time: string;
  faktory: {
    queues: Record<string, number>;
    sets?: Record<'dead' | 'retries' | 'scheduled' | 'working', number>;
    tasks: Record<string, Record<string, number>>;
    total_failures: number;
    total_processed: number;
    total_enqueued: number;
    total_queues: number;
  };
  server: {
    description: string;
    faktory_version: string;
    uptime: number;
    connections: number;
    command_count: number;
    used_memory_mb: number;
  };
}

/** @throws ProtocolError when the answer is not `OK` */
export function expectOk(text: string | null): void {
  if (text !== 'OK') throw unexpected(text, 'OK');
}

/** @throws ProtocolError when the answer is not a JSON object */
export function parseObject(text: string | null): object {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    throw unexpected(text, 'JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(text, 'a JSON object');
  return value;
}

/** BEAT's reply as a state: `OK`, or an object with the state that the server wants. */
export function parseBeatReply(text: string | null): WorkerState {
  if (text === 'OK' || text === null) return 'running';
  const { state } = parseObject(text) as { state?: unknown };
  return state === 'quiet' || state === 'terminate' ? state : 'running';
}

function unexpected(text: string | null, expected: string): ProtocolError {
  const shown = text === null ? 'nil' : `"${text.slice(0, 60)}"`;
  return new ProtocolError(`the server answered ${shown}; expected ${expected}`);
}
