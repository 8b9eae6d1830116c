// The websockets of /parts: a Hello, then snapshots, and answers to settings. What a socket sends is checked here; one that sends anything else is
// closed with the reason, and nobody else notices.
// Invariant: a part's id belongs to the socket that said it last; an older socket of that part is closed and no longer heard.

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { JobstormError } from '@jobstorm/protocol';
import { type ControlMessage, epochUs, type Hello } from '@jobstorm/telemetry';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ControlRoom } from './control-room.ts';
import {
  checkAnswer,
  checkHello,
  checkSnapshot,
  clockAnswer,
  isAnswer,
  MessageError,
  parseMessage,
} from './message.ts';

/** A complete snapshot of a run of 100 million jobs has 17 MB of ledger. */
const MAX_MESSAGE_BYTES = 32 << 20;
/** Parts report twice a second: one that is silent for this long is stuck or its host is gone. It comes back if it can. */
const SILENCE_MS = 30_000;
/** The longest reason that a close frame takes. */
const MAX_REASON_BYTES = 123;
/** How often parts are asked for the time. */
const CLOCK_EVERY_MS = 1000;
const POLL = JSON.stringify({ type: 'poll' } satisfies ControlMessage);

const POLICY_VIOLATION = 1008;
const TRY_AGAIN_LATER = 1013;

export class PartSockets {
  readonly #room: ControlRoom;
  readonly #silenceMs: number;
  readonly #sockets = new Map<string, WebSocket>();
  /** When each part was asked for the time and has not answered yet, in epoch microseconds. */
  readonly #asked = new Map<string, number>();
  readonly #clocks = setInterval(() => this.#askTimes(), CLOCK_EVERY_MS).unref();
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false });

  constructor(room: ControlRoom, silenceMs = SILENCE_MS) {
    this.#room = room;
    this.#silenceMs = silenceMs;
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#open(socket));
  }

  #open(socket: WebSocket): void {
    let hello: Hello | null = null;
    const silence = setTimeout(() => socket.terminate(), this.#silenceMs);
    const leave = () => {
      if (hello && this.#sockets.get(hello.id) === socket) {
        this.#sockets.delete(hello.id);
        this.#asked.delete(hello.id);
        this.#room.gone(hello.id);
      }
      hello = null;
    };
    socket.on('error', () => {}); // what broke is in the close that follows
    socket.on('close', () => {
      clearTimeout(silence);
      leave();
    });
    socket.on('message', (data, isBinary) => {
      if (socket.readyState !== socket.OPEN) return;
      silence.refresh();
      try {
        hello = this.#take(socket, hello, data, isBinary);
      } catch (error) {
        const known = error instanceof JobstormError || error instanceof RangeError;
        socket.close(error instanceof MessageError ? POLICY_VIOLATION : TRY_AGAIN_LATER, closeReason(error));
        leave();
        if (!known) throw error;
      }
    });
  }

  /** Returns who speaks. @throws MessageError for what can't be taken, RangeError when the room is full */
  #take(socket: WebSocket, hello: Hello | null, data: RawData, isBinary: boolean): Hello {
    if (isBinary) throw new MessageError('expected a text message, got a binary one');
    const message = parseMessage(data.toString());
    const answer = hello && clockAnswer(message);
    if (hello && answer) {
      this.#takeTime(hello.id, answer.sentUs, answer.atUs);
      return hello;
    }
    if (hello) {
      if (isAnswer(message)) this.#room.settled(hello.id, checkAnswer(message));
      else this.#room.update(hello.id, checkSnapshot(message, hello.part));
      return hello;
    }
    const fresh = checkHello(message);
    this.#room.accept(fresh, {
      poll: () => socket.send(POLL, () => {}),
      configure: (settings) => socket.send(JSON.stringify(settings satisfies ControlMessage), () => {}),
    });
    const older = this.#sockets.get(fresh.id);
    this.#sockets.set(fresh.id, socket);
    older?.close(POLICY_VIOLATION, 'this part has connected again');
    return fresh;
  }

  #askTimes(): void {
    for (const [id, socket] of this.#sockets) {
      const sentUs = epochUs();
      this.#asked.set(id, sentUs);
      socket.send(JSON.stringify({ type: 'clock', sentUs } satisfies ControlMessage), () => {});
    }
  }

  /** An answer that comes when the next question is out already took a second, and knows nothing. */
  #takeTime(id: string, sentUs: number, atUs: number): void {
    if (this.#asked.get(id) === sentUs) this.#room.clock(id, { sentUs, atUs, receivedUs: epochUs() });
  }

  /** Ends every connection. */
  close(): void {
    clearInterval(this.#clocks);
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

/** As much of an error's sentence as a close frame takes. */
function closeReason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  let reason = text.slice(0, MAX_REASON_BYTES);
  while (Buffer.byteLength(reason) > MAX_REASON_BYTES) reason = reason.slice(0, -1);
  return reason;
}
