// The reference: what a job server is, in plain lists that are searched from one end to the other. It is slow and short, and it
// shares nothing with the server, so that a mistake would have to be made twice.

import { clientCount, type Filter, type Move, type PushedJob, workerCount } from './move.ts';

/** A job as FETCH should hand it out. */
export interface ModelJob {
  jid: string;
  queue: string;
  jobtype: string;
  /** Which push it came with. */
  serial: number;
  retry: number;
  reserveS: number;
  isStamped: boolean;
  failure: { retry_count: number; remaining: number } | null;
}

interface Dated {
  at: number;
  job: ModelJob;
}

interface Client {
  wid: string | null;
  state: 'running' | 'quiet' | 'terminate';
  seen: number;
  /** Set while a FETCH waits. */
  wait: { queues: string[]; until: number; order: number } | null;
}

export type Answer = string | { job: ModelJob } | { refused: string[] } | { ages: string[] } | null;
export type SetName = 'scheduled' | 'retries' | 'dead';
const day = 86_400_000;

export class Reference {
  queues: { name: string; jobs: ModelJob[]; paused: boolean }[] = [];
  sets: Record<SetName, Dated[]> = { scheduled: [], retries: [], dead: [] };
  working: { job: ModelJob; until: number }[] = [];
  clients: Client[] = Array.from({ length: clientCount }, (_, n) => ({
    wid: n < workerCount ? `wid-${n}` : null,
    state: 'running' as const,
    seen: 0,
    wait: null,
  }));
  processed = 0;
  failures = 0;
  /** Milliseconds; the server's clocks both run with it. */
  now = 0;
  #serial = 0;
  #waits = 0;
  /** What each client was told without asking: the ends of its FETCHes. */
  told: { client: number; answer: Answer }[] = [];

  /** True when the client can't say anything: its FETCH waits. */
  isHeld(client: number): boolean {
    return this.clients[client]!.wait !== null;
  }

  nextSerial(): number {
    return ++this.#serial;
  }

  /** Answers a move; null: not yet. */
  answer(move: Exclude<Move, { do: 'pass' }>, serials: readonly number[]): Answer {
    switch (move.do) {
      case 'push':
        return this.#push(move.job, serials[0]!) ?? 'OK';
      case 'pushb':
        return { refused: this.#pushAll(move.jobs, serials) };
      case 'fetch':
        return this.#fetch(move.client, move.queues);
      case 'ack':
        this.#end(move.jid);
        return 'OK';
      case 'fail':
        return this.#fail(move.jid) ? 'OK' : `ERR Job not found ${move.jid}`;
      case 'latency':
        return move.names.includes('*') ? 'ERR QUEUE LATENCY does not support wildcards' : { ages: move.names };
      case 'pause':
      case 'resume':
      case 'remove':
        return this.#queue(move.do, move.names);
      case 'mutate':
        return this.#mutate(move.cmd, move.target, move.filter);
      case 'flush':
        this.queues = [];
        this.working = [];
        this.sets = { scheduled: [], retries: [], dead: [] };
        this.processed = 0;
        this.failures = 0;
        return 'OK';
      case 'beat':
        return this.#beat(move.of, move.state);
      case 'leave':
        return this.#leave(move.client);
    }
  }

  /** Everything that the time which has passed brings about, in the server's order. */
  pass(): void {
    for (const [client, each] of this.clients.entries()) {
      if (each.wait && each.wait.until <= this.now) this.#tell(client, 'nil');
    }
    for (const set of ['scheduled', 'retries'] as const) {
      for (const { job } of this.#take(set, ({ at }) => at <= this.now)) this.#enqueue({ ...job, isStamped: true });
    }
    this.#take('dead', ({ at }) => at <= this.now);
    const over = this.working.filter(({ until }) => until <= this.now).sort((a, b) => a.until - b.until);
    for (const entry of over) {
      this.working.splice(this.working.indexOf(entry), 1);
      this.#failed(entry.job);
    }
    for (const client of this.clients) {
      if (client.wid === null || this.now - client.seen <= 60_000) continue;
      // Its connection is closed by the server; it comes back at once as a new one.
      client.wait = null;
      client.state = 'running';
      client.seen = this.now;
    }
  }

  #push(job: PushedJob, serial: number): string | null {
    if (Buffer.byteLength(job.jid) < 8) return 'ERR jobs must have a reasonable jid parameter';
    if ((job.reserve_for ?? 0) > 86_400) return 'ERR jobs cannot be reserved for more than one day';
    if (!/^\w+$/.test(job.queue)) {
      return `ERR cannot get "${job.queue}" queue: queue names must match \\A[a-zA-Z0-9._-]+\\z`;
    }
    const made: ModelJob = {
      jid: job.jid,
      queue: job.queue,
      jobtype: job.jobtype,
      serial,
      retry: job.retry ?? 25,
      reserveS: job.reserve_for === undefined ? 1800 : Math.max(60, job.reserve_for),
      isStamped: false,
      failure: null,
    };
    if (job.inS !== undefined && job.inS > 0) this.sets.scheduled.push({ at: this.now + job.inS * 1000, job: made });
    else this.#enqueue({ ...made, isStamped: true });
    return null;
  }

  #pushAll(jobs: readonly PushedJob[], serials: readonly number[]): string[] {
    const refused = jobs.filter((job, i) => this.#push(job, serials[i]!) !== null);
    return [...new Set(refused.map(({ jid }) => jid))].sort();
  }

  #fetch(client: number, names: readonly string[]): Answer {
    const asker = this.clients[client]!;
    const isRunning = asker.state === 'running';
    for (const name of isRunning ? names : []) {
      const queue = this.#known(name);
      if (queue && !queue.paused && queue.jobs.length > 0) return { job: this.#hand(queue) };
    }
    const open = isRunning ? names.filter((name) => !this.#known(name)?.paused) : [];
    asker.wait = { queues: open, until: this.now + 2000, order: this.#waits++ };
    return null;
  }

  #enqueue(job: ModelJob): void {
    let queue = this.#known(job.queue);
    if (!queue) {
      queue = { name: job.queue, jobs: [], paused: false };
      this.queues.push(queue);
    }
    queue.jobs.push(job);
    this.#serve(queue);
  }

  #serve(queue: Reference['queues'][number]): void {
    while (queue.jobs.length > 0 && !queue.paused) {
      const waiting = [...this.clients.keys()].filter((n) => this.clients[n]!.wait?.queues.includes(queue.name));
      const first = waiting.sort((a, b) => this.clients[a]!.wait!.order - this.clients[b]!.wait!.order)[0];
      if (first === undefined) return;
      this.#tell(first, { job: this.#hand(queue) });
    }
  }

  #tell(client: number, answer: Answer): void {
    this.clients[client]!.wait = null;
    this.told.push({ client, answer });
  }

  #hand(queue: Reference['queues'][number]): ModelJob {
    const job = queue.jobs.shift()!;
    this.working.push({ job, until: this.now + job.reserveS * 1000 });
    return job;
  }

  /** Ends the newest reservation of a jid. */
  #end(jid: string): void {
    const at = this.working.findLastIndex(({ job }) => job.jid === jid);
    if (at < 0) return;
    this.processed++;
    this.working.splice(at, 1);
  }

  #fail(jid: string): boolean {
    const at = this.working.findLastIndex(({ job }) => job.jid === jid);
    if (at < 0) return false;
    this.#failed(this.working.splice(at, 1)[0]!.job);
    return true;
  }

  #failed(job: ModelJob): void {
    this.processed++;
    this.failures++;
    const before = job.failure;
    const failure = before
      ? {
          retry_count: before.retry_count + 1,
          remaining: before.remaining > 0 ? before.remaining - 1 : before.remaining,
        }
      : { retry_count: 0, remaining: job.retry };
    if (job.retry === 0) return;
    const count = failure.retry_count;
    const failed = { ...job, failure };
    if (count >= job.retry) this.sets.dead.push({ at: this.now + 180 * day, job: failed });
    else this.sets.retries.push({ at: this.now + (count ** 4 + 15 + 15 * (count + 1)) * 1000, job: failed });
  }

  #queue(action: 'pause' | 'resume' | 'remove', names: readonly string[]): string {
    const meant = names[0] === '*' ? [...this.queues] : names.flatMap((name) => this.#known(name) ?? []);
    for (const queue of meant) {
      if (action === 'remove') this.queues.splice(this.queues.indexOf(queue), 1);
      else queue.paused = action === 'pause';
      if (action === 'resume') this.#serve(queue);
    }
    return 'OK';
  }

  #mutate(cmd: string, target: SetName, filter: Filter): string {
    const all = cmd === 'clear' || filter === null;
    for (const { job } of this.#take(target, (entry) => all || matches(entry.job, filter))) {
      if (cmd === 'kill') this.sets.dead.push({ at: this.now + 180 * day, job });
      if (cmd === 'requeue') this.#enqueue(job);
    }
    return 'OK';
  }

  #beat(of: number, state: Client['state'] | ''): string {
    const worker = this.clients[of]!;
    if (worker.wid === null) return 'ERR unknown worker nobody';
    worker.seen = this.now;
    const order = ['running', 'quiet', 'terminate'] as const;
    if (state !== '' && order.indexOf(state) > order.indexOf(worker.state)) worker.state = state;
    return worker.state === 'running' ? 'OK' : worker.state;
  }

  /** It goes and comes back. */
  #leave(client: number): null {
    Object.assign(this.clients[client]!, { wait: null, state: 'running', seen: this.now });
    return null;
  }

  /** Takes entries out of a set, in order of their dates; of equal ones the first come is the first. */
  #take(set: SetName, isMeant: (entry: Dated) => boolean): Dated[] {
    const taken = this.sets[set].filter(isMeant).sort((a, b) => a.at - b.at);
    this.sets[set] = this.sets[set].filter((entry) => !taken.includes(entry));
    return taken;
  }

  #known(name: string): Reference['queues'][number] | undefined {
    return this.queues.find((queue) => queue.name === name);
  }
}

function matches(job: ModelJob, filter: Exclude<Filter, null>): boolean {
  if ('jids' in filter) return filter.jids.length === 0 || filter.jids.includes(job.jid);
  if ('jobtype' in filter) return job.jobtype === filter.jobtype;
  return filter.regexp === '*' || (filter.regexp === '*"queue":"a"*' && job.queue === 'a');
}
