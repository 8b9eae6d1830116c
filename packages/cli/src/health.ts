// Asks whoever listens at an address whether it is a part of jobstorm: GET /health with `{name: 'jobstorm', part, …}`.

import { get } from 'node:http';

export interface Health {
  part: string;
  /** For an api-service: the job server that it pushes to, as it names it, and whether that one answers. */
  jobServer: { answers: boolean; address: string } | null;
}

const withinMs = 1000;
const mostBytes = 65_536;

/** The body of GET /health, whatever its status. Rejects when none comes in time, or one that is no health page's size. */
function fetchHealth(origin: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(withinMs);
    const asked = get(new URL('/health', origin), { agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > mostBytes) asked.destroy(new Error('too long'));
      });
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    asked.on('error', reject);
  });
}

/** null: nobody there, or somebody else. Never rejects. */
export async function askHealth(origin: string, part: string): Promise<Health | null> {
  try {
    const health = JSON.parse(await fetchHealth(origin)) as {
      name?: unknown;
      part?: unknown;
      jobServer?: Health['jobServer'];
    } | null;
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
