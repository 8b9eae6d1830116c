// The whole HTTP side over a fake sink, for injected requests.

import type { FastifyInstance } from 'fastify';
import { buildApp } from '../src/app.ts';
import type { BatchSettings } from '../src/batcher.ts';
import { Door } from '../src/door.ts';
import { Held } from '../src/held.ts';
import { Meter } from '../src/meter.ts';
import { Pusher } from '../src/pusher.ts';
import { Singles } from '../src/singles.ts';
import { FakeSink } from './fake-sink.ts';

export interface TestApp {
  app: FastifyInstance;
  sink: FakeSink;
  meter: Meter;
  held: Held;
  singles: Singles;
  door: Door;
  /** POSTs JSON; the answer's body parsed. */
  post(
    url: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Answer; headers: Record<string, unknown> }>;
  postText(
    url: string,
    text: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Answer; headers: Record<string, unknown> }>;
}

/** All that any answer may have. */
export interface Answer {
  job_id: string;
  message: string;
  job_ids: string[];
  total_enqueued: number;
  refused: { index: number; job_id?: string; reason: string }[];
  statusCode: number;
  code: string;
}

interface TestAppOptions {
  batch?: Partial<BatchSettings>;
  token?: string | null;
  held?: Held;
}

export function testApp({ batch = {}, token = null, held = new Held() }: TestAppOptions = {}): TestApp {
  const sink = new FakeSink();
  const meter = new Meter();
  const pusher = new Pusher(sink, meter);
  const settings = { maxSize: 100, maxDelayMs: 100, auto: true, adaptive: true, ...batch };
  const singles = new Singles({ batch: settings, pusher, meter, held });
  const door = new Door();
  const app = buildApp({
    singles,
    pusher,
    meter,
    held,
    door,
    batch: settings,
    queue: 'jobstorm',
    tokens: token === null ? [] : [token],
    server: sink,
  });
  const postText: TestApp['postText'] = async (url, payload, headers = {}) => {
    const all = { 'content-type': 'application/json', ...headers };
    const response = await app.inject({ method: 'POST', url, payload, headers: all });
    return { status: response.statusCode, body: response.json(), headers: response.headers };
  };
  return {
    app,
    sink,
    meter,
    held,
    singles,
    door,
    postText,
    post: (url, body, headers) => postText(url, JSON.stringify(body), headers),
  };
}
