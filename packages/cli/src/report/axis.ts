// Where an axis begins and ends, and which round values stand on it. Pure.

export interface Axis {
  min: number;
  max: number;
  ticks: number[];
  /** 0 at `min`, 1 at `max`; what lies outside is drawn at the edge. */
  at(value: number): number;
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function roundStep(least: number): number {
  const unit = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((times) => times * unit).find((step) => step >= least * (1 - 1e-9))!;
}

/** From `min` to `max`, or past it to the next round value; about `count` ticks. */
export function linearAxis(min: number, max: number, count: number, roundUp = true): Axis {
  const span = max > min ? max - min : 1;
  const step = roundStep(span / count);
  const first = Math.ceil(min / step - 1e-9) + 0; // never -0
  const end = roundUp ? Math.ceil((min + span) / step - 1e-9) * step : min + span;
  const ticks: number[] = [];
  for (let at = first; at * step <= end * (1 + 1e-9); at++) ticks.push(at * step);
  return { min, max: end, ticks, at: (value) => clamp((value - min) / (end - min)) };
}

/** Powers of ten around the values, which are above 0; with 2 and 5 between them where there are few. */
export function logAxis(min: number, max: number): Axis {
  const low = Math.floor(Math.log10(Math.max(min, 1e-9)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(max, 1e-9))));
  const between = high - low <= 2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = low; power < high; power++) for (const times of between) ticks.push(times * 10 ** power);
  ticks.push(10 ** high);
  return {
    min: 10 ** low,
    max: 10 ** high,
    ticks,
    at: (value) => (value <= 0 ? 0 : clamp((Math.log10(value) - low) / (high - low))),
  };
}

/** The steps in which people count time, in seconds. */
const timeSteps = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200,
];

export function timeAxis(endS: number): Axis {
  const max = endS > 0 ? endS : 1;
  const step = timeSteps.find((each) => max / each <= 7) ?? 86_400;
  const ticks: number[] = [];
  for (let at = 0; at * step <= max * (1 + 1e-9); at++) ticks.push(at * step);
  return { min: 0, max, ticks, at: (value) => clamp(value / max) };
}

/** 0.5 s, 45 s, 12 min, 1:30 h. */
export function timeText(s: number): string {
  if (s < 120) return `${Number(s.toFixed(1))} s`;
  if (s < 7200) {
    const rest = Math.round(s % 60);
    return rest === 0 ? `${Math.floor(s / 60)} min` : `${Math.floor(s / 60)}:${String(rest).padStart(2, '0')} min`;
  }
  return `${Math.floor(s / 3600)}:${String(Math.round((s % 3600) / 60)).padStart(2, '0')} h`;
}
