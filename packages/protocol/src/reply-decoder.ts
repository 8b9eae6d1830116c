// Takes a stream of bytes apart into replies, whatever pieces it comes in.
//
//   chunk ──latin-1──▶ text: [rest of the last chunk][this chunk] ──▶ reply, reply, … , unfinished ─▶ kept for the next chunk
//
// Invariant: after each write, what is kept starts at the first byte of an unfinished reply. A chunk is decoded once; a body
// that spans many chunks is kept as a list of pieces and joined once, so that the cost stays linear in its length.

import { isAscii } from 'node:buffer';
import { ProtocolError } from './error.ts';
import type { ReplyKind } from './reply.ts';
import { fromByteText } from './wire-text.ts';

export interface ReplyLimits {
  /** Longest body taken, in bytes. */
  maxBulkBytes: number;
  /** Longest `+` or `-` line taken, in bytes. */
  maxLineBytes: number;
}

export const defaultReplyLimits: ReplyLimits = { maxBulkBytes: 64 * 1024 * 1024, maxLineBytes: 64 * 1024 };

const LF = 10;
const CR = 13;
const PLUS = 43;
const MINUS = 45;
const DOLLAR = 36;
const ZERO = 48;

export class ReplyDecoder {
  readonly #onReply: (kind: ReplyKind, text: string) => void;
  readonly #limits: ReplyLimits;
  /** Byte text of the unfinished reply, in pieces; no reply is complete before they hold `#wanted` bytes. */
  #pieces: string[] = [];
  #kept = 0;
  #wanted = 0;
  /** All kept pieces are ASCII. */
  #ascii = true;

  /** `onReply` is called from within `write`, once per reply, with text that is decoded from UTF-8. */
  constructor(onReply: (kind: ReplyKind, text: string) => void, limits: ReplyLimits = defaultReplyLimits) {
    this.#onReply = onReply;
    this.#limits = limits;
  }

  /**
   * Takes the next bytes. The buffer may be used again afterwards.
   * @throws ProtocolError when the stream can't be one of replies; the decoder is of no use after that
   */
  write(chunk: Buffer): void {
    const fresh = chunk.toString('latin1');
    const ascii = isAscii(chunk) && this.#ascii;
    this.#ascii = ascii;
    if (this.#kept === 0) {
      this.#decode(fresh, ascii);
      return;
    }
    this.#pieces.push(fresh);
    this.#kept += fresh.length;
    if (this.#kept < this.#wanted) return;
    const text = this.#pieces.join('');
    this.#pieces = [];
    this.#decode(text, ascii);
  }

  #decode(text: string, ascii: boolean): void {
    const end = text.length;
    let at = 0;
    while (at < end) {
      const next = this.#decodeReply(text, at, ascii);
      if (next < 0) {
        this.#keep(text, at, -next, ascii);
        return;
      }
      at = next;
    }
    this.#kept = 0;
    this.#wanted = 0;
    this.#ascii = true;
  }

  #keep(text: string, at: number, wanted: number, ascii: boolean): void {
    const rest = text.slice(at);
    this.#pieces = [rest];
    this.#kept = rest.length;
    this.#wanted = wanted;
    this.#ascii = ascii;
  }

  /** Emits the reply at `at` and returns where the next one starts; negative: unfinished, at least that many bytes are needed. */
  #decodeReply(text: string, at: number, ascii: boolean): number {
    const marker = text.charCodeAt(at);
    if (marker !== DOLLAR && marker !== PLUS && marker !== MINUS) {
      throw new ProtocolError(`a reply can't start with byte ${marker}; expected +, - or $`);
    }
    const lf = text.indexOf('\n', at + 1);
    if (lf < 0) {
      const length = text.length - at;
      if (length > this.#limits.maxLineBytes) {
        throw new ProtocolError(
          `a reply's line goes on after ${length} bytes; at most ${this.#limits.maxLineBytes} are taken`,
        );
      }
      return -(length + 1);
    }
    const lineEnd = text.charCodeAt(lf - 1) === CR ? lf - 1 : lf;
    if (marker === DOLLAR) return this.#decodeBulk(text, at, lineEnd, lf + 1, ascii);
    const line = text.slice(at + 1, lineEnd);
    this.#onReply(marker === PLUS ? 'simple' : 'error', ascii ? line : fromByteText(line));
    return lf + 1;
  }

  #decodeBulk(text: string, at: number, lengthEnd: number, bodyAt: number, ascii: boolean): number {
    if (text.charCodeAt(at + 1) === MINUS) {
      if (lengthEnd !== at + 3 || text.charCodeAt(at + 2) !== ZERO + 1) throw badLength(text.slice(at, lengthEnd));
      this.#onReply('nil', '');
      return bodyAt;
    }
    const length = this.#bulkLength(text, at + 1, lengthEnd);
    const bodyEnd = bodyAt + length;
    const after = text.charCodeAt(bodyEnd);
    let next: number;
    if (after === LF) next = bodyEnd + 1;
    else if (after !== CR) {
      if (bodyEnd < text.length)
        throw new ProtocolError(`a body of ${length} bytes is not followed by the end of a line`);
      return -(bodyEnd + 1 - at);
    } else if (bodyEnd + 1 >= text.length) return -(bodyEnd + 2 - at);
    else if (text.charCodeAt(bodyEnd + 1) === LF) next = bodyEnd + 2;
    else throw new ProtocolError(`a body of ${length} bytes is not followed by the end of a line`);
    const body = text.slice(bodyAt, bodyEnd);
    this.#onReply('bulk', ascii ? body : fromByteText(body));
    return next;
  }

  #bulkLength(text: string, from: number, to: number): number {
    let length = 0;
    if (to === from || to - from > 15) throw badLength(text.slice(from - 1, to));
    for (let i = from; i < to; i++) {
      const digit = text.charCodeAt(i) - ZERO;
      if (digit < 0 || digit > 9) throw badLength(text.slice(from - 1, to));
      length = length * 10 + digit;
    }
    if (length > this.#limits.maxBulkBytes) {
      throw new ProtocolError(
        `a body of ${length} bytes was announced; at most ${this.#limits.maxBulkBytes} are taken`,
      );
    }
    return length;
  }
}

function badLength(line: string): ProtocolError {
  return new ProtocolError(`"${fromByteText(line.slice(0, 40))}" is not a body's length`);
}
