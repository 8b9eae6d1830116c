// Asks whoever listens at an address whether it is a part of jobstorm: GET /health with `{name: 'jobstorm', part, …}`.

import { request } from 'undici';

export interface Health {
  part: string;
  /** For an api-service: the job server that it pushes to, as it names it, and whether that one answers. */
  jobServer: { answers: boolean; address: string } | null;
}

const withinMs = 1000;

/** null: nobody there, or somebody else. Never rejects. */
export async function askHealth(origin: string, part: string): Promise<Health | null> {
  try {
    const { body } = await request(new URL('/health', origin), {
      signal: AbortSignal.timeout(withinMs),
      headersTimeout: withinMs,
      bodyTimeout: withinMs,
      reset: true,
    });
    const health = (await body.json()) as { name?: unknown; part?: unknown; jobServer?: Health['jobServer'] } | null;
    if (health?.name !== 'jobstorm' || health.part !== part) return null;
    return { part, jobServer: health.jobServer ?? null };
  } catch {
    return null;
  }
}

/**
 * Whether a part found at a server's host serves that server. Names of hosts differ between inside and outside of
 * containers, so only the ports are compared.
 */
export function servesPort(jobServer: Health['jobServer'], port: number): boolean {
  const said = /:(\d+)\/?$/.exec(jobServer?.address ?? '')?.[1];
  return said === undefined || Number(said) === port;
}
