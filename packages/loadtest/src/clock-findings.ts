// What clocks that differ mean for a run's phases: `(offsets) → which phases can't be told`, pure. A phase that begins by one host's clock
// and ends by another's is wrong by as much as they are apart; where that is more than the phase itself it says nothing and is withheld.

import type { ClockOffset, Phase } from '@jobstorm/telemetry';

/** A host's clock beside the generator's. Microseconds; null: not known. */
export interface HostClock {
  host: string;
  offsetUs: number | null;
  errorUs: number | null;
}

/** Of a worker, the job server or an api-service; `offset` null: it could not be compared. */
export interface PartClock {
  host: string;
  offset: ClockOffset | null;
}

export interface ClockFindings {
  hosts: HostClock[];
  /** By how much a phase may be wrong, in microseconds; Infinity: nobody knows. */
  wrongByUs: Partial<Record<Phase, number>>;
}

/** The most that two clocks may be apart. */
function apartUs(a: ClockOffset | null, b: ClockOffset | null): number {
  if (a === null || b === null) return Number.POSITIVE_INFINITY;
  return Math.abs(a.offsetUs - b.offsetUs) + a.errorUs + b.errorUs;
}

const generator: ClockOffset = { offsetUs: 0, errorUs: 0 };

export interface ClocksElsewhere {
  /** One for each worker process that is on another host. */
  workers: readonly PartClock[];
  /** Others did jobs by the generator's clock. */
  workersHere?: boolean;
  /** null: it stamps with the generator's clock. */
  server: PartClock | null;
  /** The same. */
  api?: PartClock | null;
}

export function clockFindings({ workers, workersHere = false, server, api = null }: ClocksElsewhere): ClockFindings {
  const hosts = new Map<string, HostClock>();
  for (const { host, offset } of [...workers, server, api].filter((part) => part !== null)) {
    const known = hosts.get(host);
    if (known?.errorUs != null && (offset === null || offset.errorUs >= known.errorUs)) continue;
    hosts.set(host, { host, offsetUs: offset?.offsetUs ?? null, errorUs: offset?.errorUs ?? null });
  }
  const ends = [...workers.map(({ offset }) => offset), ...(workersHere ? [generator] : [])];
  const most = (from: ClockOffset | null) => Math.max(0, ...ends.map((offset) => apartUs(from, offset)));
  const fromGenerator = most(generator);
  return {
    hosts: [...hosts.values()],
    wrongByUs: {
      endToEnd: fromGenerator,
      accept: api ? apartUs(generator, api.offset) : 0,
      fireLag: fromGenerator,
      queueWait: most(server ? server.offset : generator),
    },
  };
}

function micros(us: number): string {
  return us < 1000 ? `${Math.ceil(us)} us` : `${(us / 1000).toFixed(1)} ms`;
}

/** Why a phase with that median is withheld; null: it is not. */
export function unsurePhase({ wrongByUs }: ClockFindings, phase: Phase, medianUs: number): string | null {
  const wrong = wrongByUs[phase] ?? 0;
  if (wrong <= medianUs) return null;
  if (!Number.isFinite(wrong)) return 'it lies between two hosts whose clocks could not be compared';
  return `it lies between two hosts whose clocks may be ${micros(wrong)} apart, more than its median of ${micros(medianUs)}`;
}
