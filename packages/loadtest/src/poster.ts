// Posts JSON to an api-service over a few kept connections. Two of the same kind: Node's own client, which costs nothing to load,
// for the few large requests of a batch run; undici's, which costs 100 ms of CPU to load and half as much for each request, for
// one request a job. Invariant: a request is sent once; an answer that did not come is an error, never a second try.

import { Agent, request } from 'node:http';
import { JobstormError } from '@jobstorm/protocol';

export interface Answer {
  status: number;
  text: string;
  /** What Retry-After asks for; 1 s without one. */
  retryAfterMs: number;
}

export interface Poster {
  /** Rejects when there is no whole answer. */
  post(path: string, body: string): Promise<Answer>;
  /** Ends its connections, also those in use. */
  close(): Promise<void>;
}

export interface PosterOptions {
  /** http://host:port */
  url: string;
  token: string | null;
  connections: number;
}

const answerWithinMs = 60_000;

function headersOf(token: string | null): Record<string, string> {
  return { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
}

function retryAfterMs(header: string | string[] | undefined): number {
  const ms = Number(header ?? 1) * 1000;
  return Number.isFinite(ms) ? ms : 1000;
}

/** Why a request has no answer: whatever the library calls it, when it is because we hung up we say so. */
class Ending {
  ended = false;

  reason(error: unknown): unknown {
    return this.ended ? new JobstormError('ECLOSED', 'the run ended before its answer came') : error;
  }
}

export function openHttpPoster({ url, token, connections }: PosterOptions): Poster {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const headers = headersOf(token);
  const ending = new Ending();
  const post = (path: string, body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const length = Buffer.byteLength(body);
      const options = {
        method: 'POST',
        agent,
        timeout: answerWithinMs,
        headers: { ...headers, 'content-length': length },
      };
      const sent = request(new URL(path, url), options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('error', (error) => reject(ending.reason(error)));
        response.on('end', () => {
          resolve({ status: response.statusCode!, text, retryAfterMs: retryAfterMs(response.headers['retry-after']) });
        });
      });
      sent.on('error', (error) => reject(ending.reason(error)));
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${answerWithinMs / 1000} s`)));
      sent.end(body);
    });
  const close = async () => {
    ending.ended = true;
    agent.destroy();
  };
  return { post, close };
}

export async function openPoolPoster({ url, token, connections }: PosterOptions): Promise<Poster> {
  // By its default export: bundled into dist/, a CommonJS package has no other.
  const { Pool } = (await import('undici')).default;
  const pool = new Pool(url, {
    connections,
    pipelining: 1,
    headersTimeout: answerWithinMs,
    bodyTimeout: answerWithinMs,
  });
  const headers = headersOf(token);
  const ending = new Ending();
  // Not `request`: the stream that it makes of each answer costs time between a job's end and the stamp that is taken of it.
  const post = (path: string, body: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      let status = 0;
      let retryAfter: string | string[] | undefined;
      const pieces: Buffer[] = [];
      pool.dispatch(
        { path, method: 'POST', headers, body },
        {
          onRequestStart() {},
          onResponseStart(_controller, statusCode, answered) {
            status = statusCode;
            retryAfter = answered['retry-after'];
          },
          onResponseData: (_controller, piece) => void pieces.push(piece),
          onResponseEnd: () =>
            resolve({ status, text: Buffer.concat(pieces).toString(), retryAfterMs: retryAfterMs(retryAfter) }),
          onResponseError: (_controller, error) => reject(ending.reason(error)),
        },
      );
    });
  return {
    post,
    close() {
      ending.ended = true;
      return pool.destroy();
    },
  };
}
