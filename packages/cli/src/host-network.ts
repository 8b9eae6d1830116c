// How full this host's links are (Linux): what each carried, against what it is made for or what it is shaped to.
// Invariant: a link that does not say what it carries is left out; nothing is guessed in its place.

import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Measured } from '@jobstorm/loadtest';

/** By the name of the interface. */
export type NetReading = Map<string, { inBytes: number; outBytes: number }>;

const bytesPerMbit = 125_000;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** From the text of /proc/net/dev. */
export function parseNetDev(text: string): NetReading {
  const found: NetReading = new Map();
  for (const line of text.split('\n')) {
    const [name, rest] = line.split(':');
    if (rest === undefined) continue;
    const fields = rest.trim().split(/\s+/).map(Number);
    found.set(name!.trim(), { inBytes: fields[0] ?? 0, outBytes: fields[8] ?? 0 });
  }
  return found;
}

export const readNetDev = (): NetReading => parseNetDev(read('/proc/net/dev'));

/** A bridge or a port of one: its bytes go over another link of the same host, too, or stay between its containers. */
function isBridged(name: string): boolean {
  return existsSync(`/sys/class/net/${name}/master`) || existsSync(`/sys/class/net/${name}/bridge`);
}

/** Over all links but bridges, loopback among them, in bytes a second; null: this host does not say. */
export function networkRate(
  from: NetReading,
  to: NetReading,
  seconds: number,
  isInner: (name: string) => boolean = isBridged,
): { inPerS: number; outPerS: number } | null {
  if (to.size === 0 || seconds <= 0) return null;
  const rate = (way: 'inBytes' | 'outBytes') =>
    [...to].reduce((sum, [name, now]) => {
      const before = from.get(name);
      return before === undefined || isInner(name) ? sum : sum + Math.max(0, now[way] - before[way]);
    }, 0) / seconds;
  return { inPerS: rate('inBytes'), outPerS: rate('outBytes') };
}

/** What interfaces are held to on their way out, in Mbit/s, from the JSON of `tc qdisc show`. Only those with one rate for all. */
export function parseShapers(json: string): Map<string, number> {
  const found = new Map<string, number>();
  try {
    for (const { dev, kind, root, options } of JSON.parse(json)) {
      const rate = kind === 'tbf' ? options?.rate : kind === 'netem' ? options?.rate?.rate : undefined;
      if (root === true && typeof dev === 'string' && rate > 0) found.set(dev, rate / bytesPerMbit);
    }
  } catch {
    // A tc of another make: what it shapes is not known.
  }
  return found;
}

/** Of this host; empty where there is no tc. Never rejects. */
export function readShapers(): Promise<Map<string, number>> {
  return new Promise((resolve) => {
    execFile('tc', ['-j', 'qdisc', 'show'], { timeout: 2000 }, (error, stdout) => {
      resolve(error ? new Map() : parseShapers(stdout));
    });
  });
}

/** Mbit/s that the interface is made for; null: it does not say. */
function speedOf(name: string): number | null {
  const mbit = Number(read(`/sys/class/net/${name}/speed`).trim() || '-1');
  return mbit > 0 ? mbit : null;
}

/** The fullest link between two readings; each way has the whole link, and a shaper holds the way out. null: none says what it carries. */
export function networkUse(
  from: NetReading,
  to: NetReading,
  seconds: number,
  shapers: ReadonlyMap<string, number>,
  speed: (name: string) => number | null = speedOf,
): NonNullable<Measured['network']> | null {
  const links = [...to].flatMap(([name, now]) => {
    const before = from.get(name) ?? now;
    const capMbit = speed(name);
    const shapedMbit = shapers.get(name) ?? capMbit;
    const way = (bytes: number, cap: number | null) =>
      cap === null ? [] : [{ name, usedMbit: bytes / bytesPerMbit / seconds, capMbit: Math.min(cap, capMbit ?? cap) }];
    return [...way(now.inBytes - before.inBytes, capMbit), ...way(now.outBytes - before.outBytes, shapedMbit)];
  });
  return links.sort((a, b) => b.usedMbit / b.capMbit - a.usedMbit / a.capMbit)[0] ?? null;
}
