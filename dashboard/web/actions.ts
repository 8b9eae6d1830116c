// What the page can have done: start, stop and edit runs, change settings of parts that run, delete records. Each is one request; what is
// refused is said in the words of the control room.

import type { StartOptions } from './start-options.ts';

export class Refused extends Error {}

async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const reply = await fetch(path, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).catch(() => null);
  if (reply === null) throw new Refused('the control room does not answer');
  if (reply.status === 204) return null;
  const answer = (await reply.json().catch(() => ({}))) as { error?: string; refusal?: string | null };
  if (!reply.ok) throw new Refused(answer.error ?? answer.refusal ?? `the control room answered ${reply.status}`);
  return answer;
}

export const startRun = (options: StartOptions) => ask('POST', '/start', options);
export const stopRun = () => ask('POST', '/stop');
export const deleteRun = (id: string) => ask('DELETE', `/history/${encodeURIComponent(id)}`);
export const changeSettings = (part: string, settings: Record<string, number>) =>
  ask('POST', `/parts/${encodeURIComponent(part)}/settings`, settings);

export async function readRun(id: string): Promise<string> {
  const reply = await fetch(`/history/${encodeURIComponent(id)}`);
  if (!reply.ok) throw new Refused('that run is not kept any more');
  return reply.text();
}

/** Trades a token for a cookie; false: it is not the token. */
export async function enter(token: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch('/session', { method: 'POST', headers, body: JSON.stringify({ token }) }).catch(() => null);
  return reply?.status !== 401;
}

/** Whether this page may look. */
export async function mayLook(): Promise<boolean> {
  const reply = await fetch('/history').catch(() => null);
  return reply?.status !== 401;
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
