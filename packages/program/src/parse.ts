// Text forms that several commands share: addresses to listen on, durations, lists.

export interface ListenAddress {
  host: string;
  port: number;
}

/** `127.0.0.1:7419`, `[::1]:7419`, `:7419` (loopback) or `7419` (loopback). Port 0: any free one. Throws on anything else. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]*):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[2]);
  if (!match || port > 65535) throw new RangeError(`"${text}" is not HOST:PORT`);
  const host = match[1]?.replace(/^\[|\]$/g, '');
  return { host: host || '127.0.0.1', port };
}

/** HOST:PORT, an IPv6 host in brackets. */
export function listenAddress({ host, port }: ListenAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const unitMs: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `250ms`, `10s`, `1.5m`, `2h`, or a bare number of milliseconds. Throws on anything else. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)?$/.exec(text.trim());
  if (!match) throw new RangeError(`"${text}" is not a duration`);
  const ms = Number(match[1]) * unitMs[match[2] ?? 'ms']!;
  // Whole nanoseconds, so that 8.2m is 492000 and not 491999.99999999994.
  return Math.round(ms * 1e6) / 1e6;
}

/** `a,b c` to [a, b, c]. */
export function parseList(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '');
}
