// POST /jobs/:type and POST /jobs/batch. A 2xx means that the job server holds the job.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sendError, sendJson, sendOutcome } from './answer.ts';
import { typeMistake } from './batch-item.ts';
import type { BatchSettings } from './batcher.ts';
import { BulkRequest } from './bulk.ts';
import { Gate } from './gate.ts';
import type { Held } from './held.ts';
import { JidSource } from './jids.ts';
import { argsText, type JobOptions, JobWriter, operandsText } from './job-text.ts';
import { maxBatchBodyBytes, maxBulkPushes, maxJobBodyBytes, uncountedBodyBytes } from './limits.ts';
import type { Meter } from './meter.ts';
import type { Pusher } from './pusher.ts';
import { badRequest } from './request-error.ts';
import { ArgsBody, ArithmeticBody, arithmeticTypes, BatchBody } from './schemas.ts';
import type { Singles } from './singles.ts';

export interface JobRoutes {
  singles: Singles;
  pusher: Pusher;
  meter: Meter;
  held: Held;
  batch: BatchSettings;
  /** Where jobs go that name no queue. */
  queue: string;
}

/** A writer for this moment: kept for as long as the clock shows the same millisecond. */
function writers(queue: string): () => JobWriter {
  let atMs = 0;
  let writer = new JobWriter(queue, '');
  return () => {
    const nowMs = Date.now();
    if (nowMs !== atMs) {
      atMs = nowMs;
      writer = new JobWriter(queue, new Date(nowMs).toISOString());
    }
    return writer;
  };
}

export function addJobRoutes(app: FastifyInstance, routes: JobRoutes): void {
  const jids = new JidSource();
  const writer = writers(routes.queue);
  addSingleRoutes(app, routes, jids, writer);
  addBatchRoute(app, routes, jids, writer);
}

function addSingleRoutes(app: FastifyInstance, routes: JobRoutes, jids: JidSource, writer: () => JobWriter): void {
  const { singles, meter, held } = routes;
  const hooks = { bodyLimit: maxJobBodyBytes, onRequest: holdLargeBody(held) };
  const submit = (
    reply: FastifyReply,
    type: string,
    args: string,
    body: JobOptions & { jid?: string },
    done: string,
  ) => {
    const jid = body.jid ?? jids.next();
    const takenMs = singles.take(jid, writer().write(jid, type, args, body), (error) => {
      if (error === null) sendJson(reply, `{"job_id":"${jid}","message":${done}}`);
      else sendError(reply, error);
    });
    meter.taken(body, takenMs);
  };
  for (const type of arithmeticTypes) {
    const done = JSON.stringify(`${type} enqueued`);
    const options = { schema: { body: ArithmeticBody }, ...hooks };
    app.post(`/jobs/${type}`, options, (request: FastifyRequest, reply: FastifyReply) => {
      meter.requests++;
      const body = request.body as ArithmeticBody;
      submit(reply, type, operandsText(body.a, body.b), body, done);
    });
  }
  app.post('/jobs/:type', { schema: { body: ArgsBody }, ...hooks }, (request, reply) => {
    meter.requests++;
    const { type } = request.params as { type: string };
    const mistake = typeMistake(type);
    if (mistake !== null) throw badRequest(mistake);
    const body = request.body as ArgsBody;
    submit(reply, type, argsText(body.args), body, JSON.stringify(`${type} enqueued`));
  });
}

function addBatchRoute(app: FastifyInstance, routes: JobRoutes, jids: JidSource, writer: () => JobWriter): void {
  const { pusher, meter, held, batch } = routes;
  const gate = new Gate(maxBulkPushes);
  const options = { schema: { body: BatchBody }, bodyLimit: maxBatchBodyBytes };
  app.post('/jobs/batch', { ...options, onRequest: holdBody(held, maxBatchBodyBytes) }, (request, reply) => {
    meter.requests++;
    const { jobs } = request.body as BatchBody;
    // Bytes are counted twice from here on: the jobs, read, take about as much again as their text.
    const bytes = bodyBytes(request, maxBatchBodyBytes);
    held.take(jobs.length, bytes);
    const bulk = new BulkRequest(jobs, { pusher, meter, gate, jids, writer: writer(), maxSize: batch.maxSize });
    void bulk.run().then((outcome) => {
      sendOutcome(reply, outcome);
      whenClosed(reply, () => held.give(jobs.length, bytes));
    });
  });
}

/** How long the body is by its own account; the most that it may be when it doesn't say. */
function bodyBytes({ headers }: FastifyRequest, mostBytes: number): number {
  return Math.min(Number(headers['content-length'] ?? mostBytes), mostBytes);
}

type Hook = (request: FastifyRequest, reply: FastifyReply, next: (error?: Error) => void) => void;

/** Counts a body as held from before it is read until its answer is out or its caller gone. */
function holdBody(held: Held, mostBytes: number): Hook {
  return (request, reply, next) => {
    const bytes = bodyBytes(request, mostBytes);
    try {
      held.take(0, bytes);
    } catch (error) {
      next(error as Error);
      return;
    }
    whenClosed(reply, () => held.give(0, bytes));
    next();
  };
}

/** The same for the body of a single job, unless it is so small that its connection costs as much. */
function holdLargeBody(held: Held): Hook {
  const hold = holdBody(held, maxJobBodyBytes);
  return (request, reply, next) => {
    if (bodyBytes(request, maxJobBodyBytes) > uncountedBodyBytes) hold(request, reply, next);
    else next();
  };
}

/** Calls `run` when the answer is out, or its caller gone. */
function whenClosed({ raw }: FastifyReply, run: () => void): void {
  if (raw.closed || raw.destroyed) run();
  else raw.once('close', run);
}
