// The server under test as the moves see it: its command table and rules with clients that are plain objects, and a clock that
// stands still between moves. Answers come out in the reference's form.

import { fromByteText, toByteText } from '@jobstorm/protocol';
import type { Clock } from '../../src/clock.ts';
import { type CommandSource, runCommand } from '../../src/commands.ts';
import type { Fetcher } from '../../src/manager.ts';
import { Manager } from '../../src/manager.ts';
import type { Reservation } from '../../src/reservations.ts';
import type { Wait } from '../../src/waits.ts';
import type { Worker, WorkerConnection } from '../../src/workers.ts';
import { fakeEpochUs } from '../fake-clock.ts';
import { clientCount, type Move, type PushedJob, workerCount } from './move.ts';
import type { Answer, ModelJob } from './reference.ts';

class ModelClock implements Clock {
  us = 0;

  nowMs(): number {
    return this.us / 1000;
  }

  epochUs(): number {
    return fakeEpochUs + this.us;
  }
}

/** A job's text as the reference tells it. */
function asModelJob(text: string): ModelJob {
  const job = JSON.parse(fromByteText(text));
  return {
    jid: job.jid,
    queue: job.queue,
    jobtype: job.jobtype,
    serial: job.args[0],
    retry: job.retry,
    reserveS: job.reserve_for === undefined ? 1800 : Math.max(60, job.reserve_for),
    isStamped: job.enqueued_at !== undefined,
    failure: job.failure ? { retry_count: job.failure.retry_count, remaining: job.failure.remaining } : null,
  };
}

class Client implements CommandSource, WorkerConnection {
  readonly manager: Manager;
  readonly isLeaving = false;
  readonly position = 0;
  readonly wid: string | null;
  readonly onTold: (answer: Answer) => void;
  worker: Worker | null = null;
  #wait: Wait<Fetcher> | null = null;

  constructor(manager: Manager, wid: string | null, onTold: (answer: Answer) => void) {
    this.manager = manager;
    this.wid = wid;
    this.onTold = onTold;
    this.#connect();
  }

  hold(wait: Wait<Fetcher>): void {
    this.#wait = wait;
  }

  deliver(reservation: Reservation | null): void {
    this.#wait = null;
    this.onTold(reservation ? { job: asModelJob(reservation.text) } : 'nil');
  }

  /** The server closes it; it comes back at once. */
  drop(): void {
    if (this.#wait) this.manager.waits.remove(this.#wait);
    this.#wait = null;
    if (this.worker) this.manager.workers.leave(this.worker, this);
    this.#connect();
  }

  promise(): void {}
  finish(): void {}

  #connect(): void {
    const { manager, wid } = this;
    if (wid !== null) {
      this.worker = manager.workers.join({ wid, hostname: 'h', pid: 1, labels: [] }, this, manager.nowMs);
    }
  }
}

export class Subject {
  readonly clock = new ModelClock();
  readonly manager = new Manager({ clock: this.clock, random: () => 0.5 });
  told: { client: number; answer: Answer }[] = [];
  readonly #clients = Array.from(
    { length: clientCount },
    (_, n) =>
      new Client(this.manager, n < workerCount ? `wid-${n}` : null, (answer) => this.told.push({ client: n, answer })),
  );

  /** Runs what is due by the clock. */
  pass(): void {
    this.manager.readClock();
    this.manager.endWaits();
    while (this.manager.tick());
  }

  answer(move: Exclude<Move, { do: 'pass' }>, serials: readonly number[]): Answer {
    const client = this.#clients[move.client]!;
    this.manager.readClock();
    if (move.do === 'leave') {
      client.drop();
      return null;
    }
    return asAnswer(move, runCommand(client, this.#line(move, serials)));
  }

  #line(move: Exclude<Move, { do: 'pass' | 'leave' }>, serials: readonly number[]): string {
    switch (move.do) {
      case 'push':
        return `PUSH ${JSON.stringify(this.#job(move.job, serials[0]!))}`;
      case 'pushb':
        return `PUSHB ${JSON.stringify(move.jobs.map((job, i) => this.#job(job, serials[i]!)))}`;
      case 'fetch':
        return `FETCH ${move.queues.join(' ')}`;
      case 'ack':
      case 'fail':
        return `${move.do.toUpperCase()} ${JSON.stringify({ jid: move.jid })}`;
      case 'pause':
      case 'resume':
      case 'remove':
      case 'latency':
        return `QUEUE ${move.do.toUpperCase()} ${move.names.join(' ')}`;
      case 'mutate': {
        const { cmd, target, filter } = move;
        return `MUTATE ${JSON.stringify({ cmd, target, ...(filter ? { filter } : {}) })}`;
      }
      case 'flush':
        return 'FLUSH';
      case 'beat':
        return `BEAT ${JSON.stringify({ wid: this.#clients[move.of]!.wid ?? 'nobody', current_state: move.state })}`;
    }
  }

  #job({ inS, ...job }: PushedJob, serial: number): object {
    const at = inS === undefined ? {} : { at: timeOf(this.clock.epochUs() + inS * 1_000_000) };
    return { ...job, ...at, args: [serial] };
  }
}

/** RFC 3339 with microseconds. */
function timeOf(epochUs: number): string {
  const ms = Math.floor(epochUs / 1000);
  return new Date(ms).toISOString().replace('Z', `${String(epochUs - ms * 1000).padStart(3, '0')}Z`);
}

function asAnswer(move: Move, reply: string): Answer {
  if (reply === '') return null;
  const line = fromByteText(reply.slice(0, reply.indexOf('\r\n')));
  if (!line.startsWith('$')) return line.slice(1);
  const body = reply.slice(reply.indexOf('\r\n') + 2, -2);
  if (move.do === 'fetch') return { job: asModelJob(body) };
  const value = JSON.parse(fromByteText(toByteText(fromByteText(body))));
  if (move.do === 'pushb') return { refused: Object.keys(value).sort() };
  if (move.do === 'latency') return { ages: move.names.filter((name) => Number.isFinite(value[name])) };
  return value.state;
}
