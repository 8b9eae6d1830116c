// Of readings that all are at hand.

/** The value below which the share `q` of `values` lies; sorts them. */
export function quantile(values: number[], q: number): number {
  return values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
}
