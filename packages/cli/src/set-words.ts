// The NAME=VALUE words of `jobstorm set`, as the parts take them. Which values they can have, the parts know. Pure.

import { parseList } from '@jobstorm/program';
import type { ApiSettings, WorkerSettings } from '@jobstorm/telemetry';

export type SetPart = 'worker' | 'api';
type Kind = 'number' | 'boolean' | 'list';
type Wanted = WorkerSettings | ApiSettings;

const worker = {
  slots: 'number',
  processes: 'number',
  queues: 'list',
  queueSlots: 'list',
  rateLimit: 'list',
  prefetch: 'number',
} satisfies Record<keyof WorkerSettings, Kind>;

const api = {
  batchMaxSize: 'number',
  batchMaxDelayMs: 'number',
  batchAuto: 'boolean',
  batchAdaptive: 'boolean',
} satisfies Record<keyof ApiSettings, Kind>;

/** By their names as words: `queue-slots`. */
const kinds: Record<SetPart, Record<string, { name: string; kind: Kind }>> = {
  worker: byWord(worker),
  api: byWord(api),
};

function byWord(settings: Record<string, Kind>): Record<string, { name: string; kind: Kind }> {
  return Object.fromEntries(Object.entries(settings).map(([name, kind]) => [wordOf(name), { name, kind }]));
}

function wordOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export function namesOf(part: SetPart): string[] {
  return Object.keys(kinds[part]);
}

function readValue(kind: Kind, text: string): unknown {
  if (kind === 'list') return parseList(text);
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

const expected: Record<Kind, string> = { number: 'a number', boolean: 'true or false', list: 'names behind commas' };

/** @param mistakes gets a sentence for each word that is none */
export function readWords(part: SetPart, words: readonly string[], mistakes: string[]): Wanted {
  const wanted: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const name = word.slice(0, at);
    const known = Object.hasOwn(kinds[part], name) ? kinds[part][name] : undefined;
    if (at < 0 || known === undefined) {
      mistakes.push(`"${word}": expected NAME=VALUE, with NAME one of ${namesOf(part).join(', ')}`);
      continue;
    }
    const text = word.slice(at + 1);
    const value = readValue(known.kind, text);
    if (value === undefined) mistakes.push(`${name}: got "${text}", expected ${expected[known.kind]}`);
    else wanted[known.name] = value;
  }
  return wanted;
}

/** As they would be typed. */
export function showSettings(settings: Wanted): string {
  return Object.entries(settings)
    .filter(([, value]) => !Array.isArray(value) || value.length > 0)
    .map(([name, value]) => `${wordOf(name)}=${value}`)
    .join(' ');
}
