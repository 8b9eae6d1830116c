// Fewer samples where there are more than a plot can show. Pure. Neighbours are joined in groups of 2, 4, 8 …, so that groups of a run that
// goes on stay what they were. Invariant: counts and times add up, of everything else that may hurt (latencies, depth, age, throttling) the worst is kept.

import type { Sample } from './run-model.ts';

type Part = Sample['parts'][string];

const worst = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
};

function joinParts(group: readonly Sample[], name: string): Part {
  const parts = group.map(({ parts, lengthS }) => ({ part: parts[name] ?? null, lengthS }));
  const used = parts.filter(({ part }) => part?.usedCores != null);
  const seconds = used.reduce((sum, { lengthS }) => sum + lengthS, 0);
  const last = parts.findLast(({ part }) => part !== null)?.part;
  if (!last) return null;
  return {
    usedCores:
      seconds === 0 ? null : used.reduce((sum, { part, lengthS }) => sum + part!.usedCores! * lengthS, 0) / seconds,
    capCores: last.capCores,
    throttledShare: worst(parts.map(({ part }) => part?.throttledShare ?? null)),
  };
}

function joinNetwork(group: readonly Sample[]): NonNullable<Sample['network']> | null {
  const known = group.flatMap(({ network, lengthS }) => (network ? [{ network, lengthS }] : []));
  const seconds = known.reduce((sum, { lengthS }) => sum + lengthS, 0);
  if (seconds === 0) return null;
  const mean = (way: 'inPerS' | 'outPerS') =>
    known.reduce((sum, { network, lengthS }) => sum + network[way] * lengthS, 0) / seconds;
  return { inPerS: mean('inPerS'), outPerS: mean('outPerS') };
}

function join(group: readonly Sample[]): Sample {
  if (group.length === 1) return group[0]!;
  const last = group.at(-1)!;
  const counts: Sample['counts'] = {};
  for (const sample of group)
    for (const name of Object.keys(sample.counts)) counts[name] = (counts[name] ?? 0) + sample.counts[name]!;
  const latencies = group.flatMap(({ latencyUs }) => (latencyUs === null ? [] : [latencyUs]));
  const most = (name: 'p50' | 'p95' | 'p99' | 'max') => Math.max(...latencies.map((latency) => latency[name]));
  return {
    atS: last.atS,
    lengthS: group.reduce((sum, { lengthS }) => sum + lengthS, 0),
    counts,
    latencyUs:
      latencies.length === 0 ? null : { p50: most('p50'), p95: most('p95'), p99: most('p99'), max: most('max') },
    queueDepth: worst(group.map(({ queueDepth }) => queueDepth)),
    oldestJobS: worst(group.map(({ oldestJobS }) => oldestJobS ?? null)),
    network: joinNetwork(group),
    slots: last.slots,
    parts: Object.fromEntries(Object.keys(last.parts).map((name) => [name, joinParts(group, name)])),
  };
}

/** How many neighbours are joined, so that `most` are left, roughly. */
const groupSize = (count: number, most: number) => 2 ** Math.max(0, Math.ceil(Math.log2(count / most)));

/** `most` of them, roughly, between these seconds; what lies outside is one each, so that a plot keeps its ends. */
export function thinned(samples: readonly Sample[], most: number, [fromS, toS]: readonly [number, number]): Sample[] {
  let first = 0;
  while (first < samples.length && samples[first]!.atS < fromS) first++;
  let end = samples.length;
  while (end > first && samples[end - 1]!.atS > toS) end--;
  const size = groupSize(end - first, most);
  const joined: Sample[] = first > 0 ? [samples[0]!] : [];
  // Groups begin at multiples of their size.
  for (let at = first; at < end; ) {
    const next = Math.min(end, (Math.floor(at / size) + 1) * size);
    joined.push(join(samples.slice(at, next)));
    at = next;
  }
  if (end < samples.length) joined.push(samples.at(-1)!);
  return joined;
}

/** All of a run that goes on, thinned again and again: a group that is full is joined once. */
export class Thinning {
  #size = 0;
  #full: Sample[] = [];

  /** As `thinned` over the whole of it. `samples`: those of before, and new ones. */
  of(samples: readonly Sample[], most: number): Sample[] {
    const size = groupSize(samples.length, most);
    if (size !== this.#size) this.#full = [];
    this.#size = size;
    for (let end = (this.#full.length + 1) * size; end <= samples.length; end += size)
      this.#full.push(join(samples.slice(end - size, end)));
    const rest = samples.slice(this.#full.length * size);
    return rest.length === 0 ? [...this.#full] : [...this.#full, join(rest)];
  }
}
