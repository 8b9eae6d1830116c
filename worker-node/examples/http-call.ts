// A job that tells another service something over HTTP. Most of its time is waiting, so a core runs thousands of them at once.
//
//   node bin/jobstorm worker 2000 --jobs worker-node/examples/http-call.ts
//   args: [url, what to tell it]

import type { HandlerContext, Registry } from '@jobstorm/worker-node';

export default function jobs({ register }: Registry): void {
  register('http.call', (url: string, body: unknown) => (context: HandlerContext) => call(url, body, context), {
    timeout: '10s',
  });
}

/** A reply that is none of 2xx fails the job, and the server hands it out again later. */
async function call(url: string, body: unknown, { job, signal }: HandlerContext): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    // The same key at every try: a service that knows it does nothing twice.
    headers: { 'content-type': 'application/json', 'idempotency-key': job.jid },
    body: JSON.stringify(body),
    // Aborted when the job has been given up, so that no connection outlives it.
    signal,
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}
