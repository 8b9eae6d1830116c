// Sends a run's jobs through the api-service: many a request to POST /jobs/batch, or one a request to POST /jobs/:type.
// Invariant: an answer that says "nothing was enqueued" is repeated by the caller, one that leaves the jobs' fate open never is.

import { JobstormError } from '@jobstorm/protocol';
import type { JobTexts } from './job-text.ts';
import type { RunPlan } from './plan.ts';
import { type Answer, openHttpPoster, openPoolPoster } from './poster.ts';
import type { SendOutcome, Sink } from './submit.ts';

export interface HttpSinkOptions {
  /** http://host:port of the api-service. */
  url: string;
  token: string | null;
  plan: RunPlan;
  texts: JobTexts;
  /** Jobs in one POST /jobs/batch, whatever their size; when not set 1,000, fewer of large ones. */
  perRequest?: number | undefined;
}

/** Bytes of one batch body at most: the service takes 32 MiB. */
const batchBytes = 8 * 1024 * 1024;
const none: ReadonlyMap<string, number> = new Map();

/** Codes of a 503 after which the jobs are in nobody's hands. */
const nothingTaken = new Set(['EAWAY', 'EBUSY']);

/** What a failed request means for its `jobs`. @throws JobstormError when the fate of some is open */
function failed({ status, text, retryAfterMs }: Answer, jobs: number): SendOutcome {
  let code = '';
  let message = text.slice(0, 200);
  let held = 0;
  try {
    const body = JSON.parse(text) as { code?: unknown; message?: unknown; total_enqueued?: unknown };
    code = String(body.code ?? '');
    message = String(body.message ?? message);
    held = Number(body.total_enqueued ?? 0);
  } catch {} // not JSON: some other service answers there, its text says so
  const refused = new Map([[`HTTP ${status}: ${message}`, jobs - held]]);
  if (status === 503 && nothingTaken.has(code)) {
    return held === 0 ? { retryAfterMs, reason: message } : { accepted: held, refused };
  }
  if (status >= 400 && status < 500) return { accepted: held, refused };
  throw new JobstormError('EHTTP', `HTTP ${status} from the api-service: ${message}`);
}

/** `"total_enqueued":N`, without reading the ids of a whole answer when every job was taken. */
function enqueuedOf(text: string): number {
  return Number(
    /"total_enqueued":(\d+)/.exec(text.slice(-200))?.[1] ?? /"total_enqueued":(\d+)/.exec(text)?.[1] ?? Number.NaN,
  );
}

/** Why the others of a partly refused batch were not taken, by reason. */
function refusalsOf(text: string, jobs: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const { refused } = JSON.parse(text) as { refused?: unknown };
  const entries = Array.isArray(refused) ? refused : [];
  for (const entry of entries) {
    const { reason, message, error } = entry as Record<string, unknown>;
    const why = String(reason ?? message ?? error ?? 'no reason given');
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const untold = jobs - entries.length;
  if (untold > 0) counts.set('no reason given', (counts.get('no reason given') ?? 0) + untold);
  return counts;
}

/** POST /jobs/batch, up to 1,000 jobs a request unless told otherwise, four requests in flight. */
export function batchSink({ url, token, plan, texts, perRequest }: HttpSinkOptions): Sink {
  const inFlight = 4;
  const poster = openHttpPoster({ url, token, connections: inFlight });
  const chunk = perRequest ?? Math.max(1, Math.min(1000, Math.floor(batchBytes / (256 + plan.shape.payloadBytes))));
  return {
    chunk,
    inFlight,
    async send(first, end, dueOf) {
      const jobs = end - first;
      const answer = await poster.post('/jobs/batch', texts.batchBody(first, end, dueOf));
      if (answer.status >= 300) return failed(answer, jobs);
      const accepted = enqueuedOf(answer.text);
      if (!(accepted <= jobs))
        throw new JobstormError('EHTTP', `the api-service answered "${answer.text.slice(0, 80)}"`);
      return { accepted, refused: accepted === jobs ? none : refusalsOf(answer.text, jobs - accepted) };
    },
    close: () => poster.close(),
  };
}

/** POST /jobs/:type, one job a request, over 64 connections. */
export async function singleSink({ url, token, texts }: HttpSinkOptions): Promise<Sink> {
  const inFlight = 64;
  const poster = await openPoolPoster({ url, token, connections: inFlight });
  return {
    chunk: 1,
    inFlight,
    async send(first, _end, dueOf) {
      const path = `/jobs/${encodeURIComponent(texts.singleType(first))}`;
      const answer = await poster.post(path, texts.singleBody(first, dueOf(first)));
      return answer.status >= 300 ? failed(answer, 1) : { accepted: 1, refused: none };
    },
    close: () => poster.close(),
  };
}
