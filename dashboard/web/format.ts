// Figures as people read them. Pure.

const dash = '–';

export function whole(value: number | null | undefined): string {
  return value == null || !Number.isFinite(value) ? dash : Math.round(value).toLocaleString('en-GB');
}

/** Three figures that count. */
export function short(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return dash;
  if (Math.abs(value) >= 100) return whole(value);
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}

/** `0.06`, `1.5`, `12.3`: what is below a hundredth of a core is none. */
export function cores(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return dash;
  return value.toLocaleString('en-GB', { maximumFractionDigits: value < 10 ? 2 : 1 });
}

/** Of microseconds: `340 µs`, `11.2 ms`, `1.34 s`. */
export function duration(us: number | null | undefined): string {
  if (us == null || !Number.isFinite(us)) return dash;
  if (us < 1000) return `${Math.round(us)} µs`;
  return us < 1_000_000 ? `${short(us / 1000)} ms` : `${short(us / 1_000_000)} s`;
}

export function percent(share: number | null | undefined): string {
  return share == null || !Number.isFinite(share) ? dash : `${short(share * 100)} %`;
}

export function bytes(value: number | null | undefined): string {
  if (value == null) return dash;
  if (value < 2 ** 20) return `${short(value / 2 ** 10)} kB`;
  return value < 2 ** 30 ? `${short(value / 2 ** 20)} MB` : `${short(value / 2 ** 30)} GB`;
}

/** Of seconds: `8.4 s`, `12 min 5 s`. */
export function time(seconds: number | null | undefined): string {
  if (seconds == null) return dash;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
