// How answers leave: JSON made by hand where it is hot, errors as { statusCode, code, message }, and while the service stops
// each answer is the last of its connection.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BulkOutcome } from './bulk.ts';
import { RequestError } from './request-error.ts';

const jsonType = 'application/json; charset=utf-8';

/** Sends text that is JSON already. */
export function sendJson(reply: FastifyReply, text: string): void {
  reply.header('content-type', jsonType).send(text);
}

export function sendError(reply: FastifyReply, error: RequestError): void {
  const { statusCode, code, message, retryAfterS } = error;
  reply.code(statusCode);
  if (retryAfterS !== null) reply.header('retry-after', retryAfterS);
  sendJson(reply, JSON.stringify({ statusCode, code, message }));
}

/** The answer to POST /jobs/batch: 200 when the job server holds any of the jobs and answered for all that were sent. */
export function sendOutcome(reply: FastifyReply, { jobIds, refused, failure }: BulkOutcome): void {
  // Ids are visible ASCII without quotes and backslashes (schemas.ts), so they are their own JSON.
  const ids = jobIds.length === 0 ? '[]' : `["${jobIds.join('","')}"]`;
  const held = `"job_ids":${ids},"total_enqueued":${jobIds.length}`;
  if (refused.length === 0) {
    sendJson(reply, `{${held},"refused":[]}`);
    return;
  }
  const rest = `${held},"refused":${JSON.stringify(refused)}`;
  if (failure === null && jobIds.length > 0) {
    sendJson(reply, `{${rest}}`);
    return;
  }
  const error = outcomeError(refused[0]!.reason, jobIds.length, failure);
  reply.code(error.statusCode);
  if (error.retryAfterS !== null) reply.header('retry-after', error.retryAfterS);
  const { statusCode, code, message } = error;
  sendJson(reply, `{"statusCode":${statusCode},"code":"${code}","message":${JSON.stringify(message)},${rest}}`);
}

/** EAWAY and EBUSY promise that nothing was enqueued, so a request that got some of its jobs through has a code of its own. */
function outcomeError(reason: string, enqueued: number, failure: RequestError | null): RequestError {
  if (failure === null) return new RequestError(400, 'EREFUSED', `none of the jobs was enqueued: ${reason}`);
  if (enqueued === 0) return failure;
  const message = `${enqueued} jobs are enqueued, repeat only those in "refused": ${failure.message}`;
  return new RequestError(503, failure.code === 'EUNCONFIRMED' ? failure.code : 'EPARTIAL', message);
}

/** Fastify's own errors in our words. */
function explain(error: FastifyError, request: FastifyRequest): RequestError {
  if (error instanceof RequestError) return error;
  const statusCode = error.statusCode ?? 500;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = request.routeOptions.bodyLimit;
    return new RequestError(413, 'ETOOLARGE', `the body is larger than ${limit} bytes, the most that this route takes`);
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const type = request.headers['content-type'] ?? 'no content-type';
    return new RequestError(
      415,
      'EMEDIATYPE',
      `the body must be JSON with content-type: application/json, got ${type}`,
    );
  }
  const message = statusCode < 500 ? error.message : `an error of this service: ${error.message}`;
  return new RequestError(statusCode, error.code ?? 'EUNEXPECTED', message, { cause: error });
}

/** Errors and unknown routes answer in the same shape. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendError(reply, explain(error, request)));
  app.setNotFoundHandler((request, reply) => {
    const routes = 'POST /jobs/:type, POST /jobs/batch, GET /health, GET /stats';
    sendError(
      reply,
      new RequestError(404, 'ENOTFOUND', `no ${request.method} ${request.url} here; there are ${routes}`),
    );
  });
}
