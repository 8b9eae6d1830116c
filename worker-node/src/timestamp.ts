// Reads the server's RFC 3339 stamps at the rate of jobs: the date part is nearly always that of the job before.

let prefix = '';
let prefixUs = 0;

/** `2026-11-22T20:42:32.123456789Z` as whole microseconds since the epoch; NaN when it is no such stamp. */
export function parseStampUs(stamp: string): number {
  if (stamp.length < 20) return Number.NaN;
  if (!stamp.startsWith(prefix) || prefix === '') {
    const ms = Date.parse(`${stamp.slice(0, 19)}Z`);
    if (Number.isNaN(ms)) return Number.NaN;
    prefix = stamp.slice(0, 19);
    prefixUs = ms * 1000;
  }
  const last = stamp.length - 1;
  // Zones other than Z are what other producers may write; the job server writes UTC.
  if (stamp.charCodeAt(last) !== 90) return Date.parse(stamp) * 1000;
  if (last === 19) return prefixUs;
  if (stamp.charCodeAt(19) !== 46 || last === 20) return Number.NaN;
  let us = 0;
  let unit = 100_000;
  for (let i = 20; i < last; i++) {
    const digit = stamp.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    // Finer digits than microseconds are cut off.
    if (unit >= 1) us += digit * unit;
    unit /= 10;
  }
  return prefixUs + us;
}
