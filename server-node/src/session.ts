// One client connection: bytes in, lines run strictly in order, replies gathered and sent once a turn.
//
//   greeting ──HELLO──▶ checking (its password, if any) ──▶ open ⇄ held (a FETCH waits for a job; later commands wait behind it)
//       │                   │                               │
//       └───────────────────┴───────────────────────────────┴──END, EOF, error──▶ closed
//
// Invariant: one reply per command, in order. A client that closed its side, or whose socket is gone, gets no job any more:
// its FETCHes, waiting or still unread, are answered nil, the rest of its commands are run, and the connection is closed.
// A client that doesn't read its replies isn't read either, so neither direction piles up here; nor is one whose replies are
// held back by the disk. No reply is written but by way of the turn, which may hold it back.

import type { Socket } from 'node:net';
import { CommandDecoder, JobstormError } from '@jobstorm/protocol';
import { type CommandSource, runCommand } from './commands.ts';
import { type Challenge, greeting, type Hello, makeChallenge, readHello } from './handshake.ts';
import type { Fetcher, Manager } from './manager.ts';
import type { PasswordChecks } from './password-checks.ts';
import { bulkReply, errorReply, nilReply, okReply } from './replies.ts';
import type { Reservation } from './reservations.ts';
import type { Turn, TurnMember } from './turn.ts';
import type { Wait } from './waits.ts';
import type { Worker, WorkerConnection } from './workers.ts';

/** What all sessions of a server share. */
export interface SessionHost {
  manager: Manager;
  turn: Turn;
  password: string | null;
  checks: PasswordChecks;
  maxConnections: number;
  maxLineBytes: number;
  /** A client that has replies to take and takes none for this long is dropped. */
  stalledMs: number;
  /** Called once a session is over. */
  onClosed(session: Session): void;
}

const handshakeMs = 2000;
/** A HELLO is short; a client that sends more than this before it is none. */
const maxHelloBytes = 64 * 1024;
/** Replies not yet taken by the client, in bytes, from which on it is not read. */
const maxUnsentBytes = 1024 * 1024;
/** Commands that wait behind a FETCH, in bytes, from which on it is not read. */
const maxHeldBytes = 1024 * 1024;
/** How long a client gets to close its side after the server closed its own. */
const lingerMs = 1000;

export class Session implements CommandSource, TurnMember, WorkerConnection {
  readonly #host: SessionHost;
  readonly #socket: Socket;
  readonly #decoder: CommandDecoder;
  readonly #challenge: Challenge | null;
  #state: 'greeting' | 'checking' | 'open' | 'closed' = 'greeting';
  /** Byte text to send at the end of the turn. */
  #out = '';
  #isGathered = false;
  #isWoken = false;
  #wait: Wait<Fetcher> | null = null;
  /** Replies pile up in the socket, or everybody's on the way to the disk; nothing is run before they are gone. */
  #isStalled = false;
  /** Bytes of replies that the turn holds back. */
  #heldBytes = 0;
  /** All is said; once nothing is held back, the socket is ended. */
  #isEnding = false;
  heldUntil = 0;
  #timer: NodeJS.Timeout;
  worker: Worker | null = null;
  isLeaving = false;

  constructor(host: SessionHost, socket: Socket) {
    this.#host = host;
    this.#socket = socket;
    this.#decoder = new CommandDecoder(host.maxLineBytes);
    this.#challenge = host.password === null ? null : makeChallenge();
    this.#timer = setTimeout(() => this.drop(), handshakeMs);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('end', () => this.#leave());
    socket.on('drain', () => this.resume());
    socket.on('error', () => {}); // 'close' follows, and a broken connection is a client's everyday business
    socket.on('close', () => this.#closed());
    this.#reply(greeting(this.#challenge));
  }

  get manager(): Manager {
    return this.#host.manager;
  }

  /** No command is run now: a FETCH waits, replies pile up, or the password is not checked yet. */
  get #isHeld(): boolean {
    return this.#wait !== null || this.#isStalled || this.#state === 'checking';
  }

  /** Runs complete lines until one holds the rest up or none is left. */
  run(): void {
    this.#isWoken = false;
    if (this.#host.turn.isCrowded && !this.#isHeld && this.#state === 'open') this.#park();
    try {
      while (this.#state !== 'closed' && !this.#isHeld) {
        const line = this.#decoder.next();
        if (line === null) break;
        if (this.#state === 'open') this.#reply(runCommand(this, line));
        else this.#greet(line);
        if (this.#out.length > maxUnsentBytes) this.#host.turn.send(this);
      }
    } catch (error) {
      if (!(error instanceof JobstormError)) throw error;
      this.#refuse(error.message);
    }
    if (this.isLeaving && !this.#isHeld) this.finish();
  }

  hold(wait: Wait<Fetcher>): void {
    this.#wait = wait;
  }

  deliver(reservation: Reservation | null): void {
    this.#wait = null;
    this.#reply(reservation ? bulkReply(reservation.text) : nilReply);
    this.#wake();
  }

  get position(): number {
    return this.#host.turn.position;
  }

  promise(): void {
    this.heldUntil = this.#host.turn.position;
  }

  send(): void {
    this.#isGathered = false;
    this.#write(this.#takeOut());
  }

  holdBack(): string {
    this.#isGathered = false;
    const out = this.#takeOut();
    this.#heldBytes += out.length;
    if (this.#heldBytes > maxUnsentBytes && this.#state !== 'closed' && !this.#isStalled) this.#stall();
    return out;
  }

  sendHeld(text: string): void {
    this.#heldBytes -= text.length;
    this.#write(text);
    if (this.#heldBytes > 0) return;
    if (this.#isEnding) this.#end();
    else if (this.#socket.writableLength <= maxUnsentBytes) this.resume();
  }

  finish(): void {
    if (this.#state === 'closed') return;
    this.#retire();
    this.#host.turn.send(this);
    this.#isEnding = true;
    if (this.#heldBytes === 0) this.#end();
  }

  #end(): void {
    if (this.#socket.destroyed) return;
    this.#socket.end();
    // What the client still sends is thrown away: closing with unread input would reset the connection under our last reply.
    this.#socket.resume();
    this.#timer = setTimeout(() => this.#socket.destroy(), lingerMs);
  }

  /** The server goes down: a waiting FETCH hears of it, then the connection is closed. */
  shutDown(): void {
    if (this.#wait !== null) this.#reply(errorReply('shutdown in progress'));
    this.finish();
  }

  drop(): void {
    this.#socket.destroy();
    this.#closed();
  }

  #take(chunk: Buffer): void {
    if (this.#state === 'closed') return;
    this.manager.readClock();
    this.#decoder.push(chunk);
    if (!this.#isHeld) this.run();
    if (this.#state === 'greeting' && this.#decoder.bufferedBytes > maxHelloBytes) this.drop();
    if (this.#isHeld && this.#decoder.bufferedBytes > maxHeldBytes) this.#socket.pause();
  }

  /** EOF: whatever is left is run, without giving it jobs. */
  #leave(): void {
    if (this.#state === 'closed') return;
    this.isLeaving = true;
    if (this.#wait !== null) {
      this.manager.waits.remove(this.#wait);
      this.deliver(null);
    } else {
      this.#wake();
    }
  }

  #wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    if (!this.#isStalled) this.#socket.resume();
    this.#host.turn.wake(this);
  }

  #reply(text: string): void {
    if (this.#state === 'closed' || text === '') return;
    this.#out += text;
    if (this.#isGathered) return;
    this.#isGathered = true;
    this.#host.turn.gather(this);
  }

  #takeOut(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  /** Hands replies to the socket. One that keeps too much of them stalls the session until they are gone. */
  #write(out: string): void {
    if (out === '' || this.#socket.destroyed) return;
    this.#socket.write(out, 'latin1');
    if (this.#state === 'closed' || this.#socket.writableLength <= maxUnsentBytes) return;
    if (!this.#isStalled) this.#stall();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.drop(), this.#host.stalledMs);
  }

  #stall(): void {
    this.#isStalled = true;
    this.#socket.pause();
  }

  /** Too much is on its way to the disk. */
  #park(): void {
    this.#stall();
    this.#host.turn.park(this);
  }

  /** The client took its replies, or the disk has. */
  resume(): void {
    if (!this.#isStalled || this.#state === 'closed' || this.#heldBytes > maxUnsentBytes) return;
    this.#isStalled = false;
    clearTimeout(this.#timer);
    this.manager.readClock();
    this.#wake();
  }

  #greet(line: string): void {
    const hello = readHello(line);
    if (!hello) this.drop();
    else if (this.#challenge && this.#host.password !== null) this.#check(this.#host.password, this.#challenge, hello);
    else this.#admit(hello);
  }

  #check(password: string, challenge: Challenge, hello: Hello): void {
    // The client has done its part in time; how long this takes is up to the server.
    clearTimeout(this.#timer);
    this.#state = 'checking';
    const isWanted = () => this.#state === 'checking';
    const done = (isRight: boolean) => {
      this.#state = 'greeting';
      if (isRight) this.#admit(hello);
      else this.#refuse('Invalid password');
      this.#wake();
    };
    this.#host.checks.add({ password, challenge, hello, isWanted, done });
  }

  #admit(hello: Hello): void {
    const { traffic, workers, nowMs } = this.manager;
    this.#reply(okReply);
    if (traffic.connections >= this.#host.maxConnections) {
      this.#refuse(`too many connections: ${traffic.connections + 1}`);
      return;
    }
    clearTimeout(this.#timer);
    this.#state = 'open';
    traffic.connections++;
    if (hello.worker) this.worker = workers.join(hello.worker, this, nowMs);
  }

  #refuse(reason: string): void {
    this.#reply(errorReply(reason));
    this.finish();
  }

  /** Takes the session out of everything that could give it work. */
  #retire(): void {
    clearTimeout(this.#timer);
    if (this.#wait !== null) this.manager.waits.remove(this.#wait);
    this.#wait = null;
    if (this.#state === 'open') this.manager.traffic.connections--;
    if (this.worker) this.manager.workers.leave(this.worker, this);
    this.worker = null;
    this.#state = 'closed';
  }

  #closed(): void {
    if (this.#state !== 'closed') this.#retire();
    clearTimeout(this.#timer);
    this.#host.onClosed(this);
  }
}
