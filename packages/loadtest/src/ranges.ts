// Sequence numbers as people read them: `3, 17-20, 400-9999`.

import type { SeqRange } from '@jobstorm/telemetry';

/** At most `limit` ranges, then how many more there are; empty text for none. */
export function describeRanges(ranges: readonly SeqRange[], limit = 5): string {
  const shown = ranges.slice(0, limit).map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  const more = ranges.length - shown.length;
  if (more > 0) shown.push(`and ${more} more ${more === 1 ? 'range' : 'ranges'}`);
  return shown.join(', ');
}
