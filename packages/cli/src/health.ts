// Asks whoever listens at an address whether it is a part of jobstorm: GET /health with `{name: 'jobstorm', part, …}`.

import { get } from 'node:http';

export interface Health {
  part: string;
  /** By its own account it does its work: the answer was 200. */
  well: boolean;
  /** For an api-service: the job server that it pushes to, as it names it, and whether that one answers. */
  jobServer: { answers: boolean; address: string } | null;
}

const withinMs = 1000;
const mostBytes = 65_536;

interface HealthPage {
  status: number;
  text: string;
}

/** GET /health, whatever its status. Rejects when none comes in time, or one that is no health page's size. */
function fetchHealth(origin: string): Promise<HealthPage> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(withinMs);
    const asked = get(new URL('/health', origin), { agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        if (text.length > mostBytes) asked.destroy(new Error('too long'));
      });
      response.on('end', () => resolve({ status: response.statusCode!, text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
  });
}

/** null: nobody there, or somebody else. Never rejects. */
export async function askHealth(origin: string, part: string): Promise<Health | null> {
  try {
    const { status, text } = await fetchHealth(origin);
    const health = JSON.parse(text) as {
      name?: unknown;
      part?: unknown;
      jobServer?: Health['jobServer'];
    } | null;
    if (health?.name !== 'jobstorm' || health.part !== part) return null;
    return { part, well: status === 200, jobServer: health.jobServer ?? null };
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
