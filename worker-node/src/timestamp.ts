// Reads the server's RFC 3339 stamps at the rate of jobs: those that were pushed together often carry the same one, and the date part is
// nearly always that of the job before.

let lastStamp = '';
let lastUs = Number.NaN;
/** Date and time to the second. */
let prefix = '';
let prefixUs = 0;

const secondsEnd = 19;
const zero = 48;
const dot = 46;
const utc = 90;

/** `2026-11-22T20:42:32.123456789Z` as whole microseconds since the epoch; NaN when it is no such stamp. */
export function parseStampUs(stamp: string): number {
  if (stamp === lastStamp) return lastUs;
  lastUs = parse(stamp);
  lastStamp = stamp;
  return lastUs;
}

function parse(stamp: string): number {
  if (stamp.length <= secondsEnd) return Number.NaN;
  if (prefix === '' || !stamp.startsWith(prefix)) {
    const seconds = stamp.slice(0, secondsEnd);
    const ms = Date.parse(`${seconds}Z`);
    if (Number.isNaN(ms)) return Number.NaN;
    prefix = seconds;
    prefixUs = ms * 1000;
  }
  const last = stamp.length - 1;
  // Zones other than Z are what other producers may write; the job server writes UTC.
  if (stamp.charCodeAt(last) !== utc) return Date.parse(stamp) * 1000;
  if (last === secondsEnd) return prefixUs;
  if (stamp.charCodeAt(secondsEnd) !== dot || last === secondsEnd + 1) return Number.NaN;
  return prefixUs + fractionUs(stamp, secondsEnd + 1, last);
}

/** Digits from … to-1 behind the point; finer ones than microseconds are cut off. NaN: they are not all digits. */
function fractionUs(stamp: string, from: number, to: number): number {
  let us = 0;
  for (let i = from; i < to; i++) {
    const digit = stamp.charCodeAt(i) - zero;
    if (digit < 0 || digit > 9) return Number.NaN;
    if (i < from + 6) us = us * 10 + digit;
  }
  for (let missing = from + 6 - to; missing > 0; missing--) us *= 10;
  return us;
}
