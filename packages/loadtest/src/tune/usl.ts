// The Universal Scalability Law (Gunther, "Guerrilla Capacity Planning", 2007): with N slots
//
//   rate(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
//
// lambda: what one slot does alone; sigma: the share that waits in line for something; kappa: what keeping in step costs. Pure.

export interface Curve {
  lambda: number;
  sigma: number;
  kappa: number;
}

export interface Point {
  slots: number;
  ratePerS: number;
}

export function rateAt({ lambda, sigma, kappa }: Curve, slots: number): number {
  return (lambda * slots) / (1 + sigma * (slots - 1) + kappa * slots * (slots - 1));
}

/** Solves a square system, a row being coefficients and then the right side; null when it has no single answer. */
function solve(rows: number[][]): number[] | null {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const pivot = rows.reduce(
      (best, row, at) => (at >= column && Math.abs(row[column]!) > Math.abs(rows[best]![column]!) ? at : best),
      column,
    );
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const head = rows[column]!;
    if (Math.abs(head[column]!) < 1e-15) return null;
    for (const row of rows) {
      if (row === head) continue;
      const factor = row[column]! / head[column]!;
      for (let at = column; at <= size; at++) row[at]! -= factor * head[at]!;
    }
  }
  return rows.map((row, at) => row[size]! / row[at]!);
}

/** Least squares of slots/rate over powers of slots/scale, each point weighted so that errors are relative. */
function leastSquares(points: readonly Point[], scale: number, powers: readonly number[]): number[] | null {
  const rows = powers.map(() => Array.from({ length: powers.length + 1 }, () => 0));
  for (const { slots, ratePerS } of points) {
    const y = slots / ratePerS;
    const terms = [...powers.map((power) => (slots / scale) ** power), y];
    for (const [at, row] of rows.entries()) {
      for (const [column, term] of terms.entries()) row[column]! += (terms[at]! * term) / y ** 2;
    }
  }
  return solve(rows);
}

/**
 * The curve through at least three points of different slots; null when they don't determine one. What would come out
 * negative, which no system has, is left out of the fit.
 */
export function fitCurve(points: readonly Point[]): Curve | null {
  const usable = points.filter(({ slots, ratePerS }) => slots > 0 && ratePerS > 0);
  if (new Set(usable.map(({ slots }) => slots)).size < 3) return null;
  const scale = Math.max(...usable.map(({ slots }) => slots));
  for (const powers of [[0, 1, 2], [0, 1], [0, 2], [0]]) {
    const found = leastSquares(usable, scale, powers);
    if (!found || found.some((coefficient, at) => (at === 0 ? coefficient <= 0 : coefficient < 0))) continue;
    const of = (power: number) => Math.abs(found[powers.indexOf(power)] ?? 0) / scale ** power;
    // slots/rate = (1 - sigma)/lambda + (sigma - kappa)/lambda N + kappa/lambda N²
    const lambda = 1 / (of(0) + of(1) + of(2));
    return { lambda, sigma: (of(1) + of(2)) * lambda, kappa: of(2) * lambda };
  }
  return null;
}

/** Slots at which the rate is highest; Infinity where it never falls. */
export function peakSlots({ sigma, kappa }: Curve): number {
  return kappa <= 0 ? Number.POSITIVE_INFINITY : Math.sqrt(Math.max(0, 1 - sigma) / kappa);
}

/** The fewest slots, up to `mostSlots`, that give `share` of the highest rate up to there: the knee. */
export function kneeSlots(curve: Curve, mostSlots: number, share = 0.97): number {
  const top = Math.min(mostSlots, Math.max(1, peakSlots(curve)));
  const wanted = share * rateAt(curve, top);
  let [low, high] = [1, top];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (rateAt(curve, middle) < wanted) low = middle;
    else high = middle;
  }
  return high;
}
