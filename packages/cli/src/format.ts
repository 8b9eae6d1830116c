// Figures as people read them.

/** 12345.6 → 12,346 */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

/** Jobs a second: whole from 100 on, else with a digit behind the point. */
export function rate(perS: number): string {
  return perS >= 100 ? `${whole(perS)}/s` : `${perS.toFixed(1)}/s`;
}

/** Three significant digits in the unit that fits: 950 us, 4.12 ms, 1.20 s. */
export function micros(us: number): string {
  if (us < 1000) return `${Math.round(us)} us`;
  const [value, unit] = us < 1e6 ? [us / 1000, 'ms'] : [us / 1e6, 's'];
  return `${value >= 100 ? Math.round(value) : value.toPrecision(3)} ${unit}`;
}

/** 0.31 s, 12.4 s, 3 min 20 s. */
export function seconds(s: number): string {
  if (s < 10) return `${s.toFixed(2)} s`;
  if (s < 120) return `${s.toFixed(1)} s`;
  return `${Math.floor(s / 60)} min ${Math.round(s % 60)} s`;
}

export function bytes(n: number): string {
  if (n < 1024 * 1024) return `${Math.round(n / 1024)} KiB`;
  return n < 1024 ** 3 ? `${Math.round(n / 1024 ** 2)} MiB` : `${(n / 1024 ** 3).toFixed(2)} GiB`;
}

/** Values over time as one line of blocks, from 0 to the largest; neighbours are averaged until it fits `cells`. */
export function sparkline(values: readonly number[], cells: number): string {
  const width = Math.min(cells, values.length);
  const means = Array.from({ length: width }, (_, at) => {
    const [from, to] = [at, at + 1].map((edge) => Math.round((edge * values.length) / width));
    const some = values.slice(from, to);
    return some.reduce((sum, value) => sum + value, 0) / some.length;
  });
  const most = Math.max(...means);
  return means.map((mean) => '▁▂▃▄▅▆▇█'[most > 0 ? Math.min(7, Math.floor((mean / most) * 8)) : 0]!).join('');
}

/** Pads every column but the first to the right of its widest cell. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ')
      .trimEnd(),
  );
}
