// RFC 3339 times as they stand in jobs: written in UTC with microseconds, read strictly with any zone.

/** The second written last, and all of its text but the fraction: many times are of one second. */
let secondWritten = Number.NaN;
let secondText = '';

/** `2026-01-02T03:04:05.123456Z` from microseconds since the epoch. */
export function formatTimestamp(epochUs: number): string {
  const second = Math.floor(epochUs / 1e6);
  if (second !== secondWritten) {
    secondText = new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
    secondWritten = second;
  }
  return `${secondText}${String(epochUs - second * 1e6).padStart(6, '0')}Z`;
}

/** As Go reads it: an hour of one digit and a comma pass, too. */
const shape = /^(\d{4})-(\d\d)-(\d\d)T(\d\d?):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Milliseconds since the epoch (with a fraction), or null when the text is no RFC 3339 time with a zone. */
export function parseTimestamp(text: string): number | null {
  const match = shape.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [zoneHour, zoneMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 24 || zoneMinute > 59) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A month of 13 or a 30th of February would have rolled over.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const zoneMs = (match[8] === '-' ? -1 : 1) * (zoneHour * 60 + zoneMinute) * 60_000;
  const fractionMs = match[7] ? Number(`0.${match[7]}`) * 1000 : 0;
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + fractionMs - zoneMs;
}
