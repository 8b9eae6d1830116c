// Of readings that all are at hand.

/** The value below which the share `q` of `values` lies; sorts them. */
export function quantile(values: number[] | Float64Array, q: number): number {
  values.sort((a: number, b: number) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
}
