// Takes a client's stream of bytes apart into command lines, whatever pieces it comes in. It is pulled, not pushed: the
// server asks for the next line when it is ready to run it, and what comes in meanwhile waits here.
//
//   push(chunk) ──▶ [chunk][chunk] ──latin-1──▶ text: line LF line LF unfin… ──bytes──▶ partial ──▶ joined with the next chunk
//
// Invariant: every byte is copied at most twice (amortised) however small the pieces are, and no more than one unfinished line
// of at most `maxLineBytes` is kept. A chunk is decoded once; only lines beyond ASCII are decoded again, as UTF-8.

import { isAscii } from 'node:buffer';
import { ProtocolError } from './error.ts';
import { fromByteText } from './wire-text.ts';

const LF = 10;
const CR = 13;
/** A partial line's buffer up to this size is kept for the next one. */
const keptPartialBytes = 64 * 1024;
/** A larger one, up to this size, is kept once for all decoders: fresh memory costs a page fault every 4 KiB, and collections. */
const sharedPartialBytes = 1024 * 1024;
const nothing = Buffer.alloc(0);
let spare = nothing;

/** A buffer of at least `size` bytes. */
function takeBuffer(size: number): Buffer<ArrayBuffer> {
  if (size < keptPartialBytes || size > spare.length) return Buffer.allocUnsafe(size);
  const taken = spare;
  spare = nothing;
  return taken;
}

/** Longest command line that a server takes unless told otherwise, in bytes. */
export const defaultMaxLineBytes = 64 * 1024 * 1024;

export class CommandDecoder {
  readonly #maxLineBytes: number;
  /** Chunks not looked at yet, oldest first. */
  readonly #chunks: Buffer[] = [];
  /** The chunk in work, its byte text, and where its next line starts. Null chunk: all of it was consumed. */
  #chunk: Buffer | null = null;
  #text = '';
  #at = 0;
  #textIsAscii = true;
  /** Bytes of the line that no chunk has ended yet. */
  #partial = nothing;
  #partialLength = 0;
  #bufferedBytes = 0;
  /** True when the line that `next` returned last holds nothing beyond ASCII. */
  lineIsAscii = true;

  constructor(maxLineBytes = defaultMaxLineBytes) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Bytes taken in and not yet returned as lines. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  push(chunk: Buffer): void {
    this.#bufferedBytes += chunk.length;
    this.#chunks.push(chunk);
  }

  /**
   * The next complete line without its CRLF or LF, as real text (invalid UTF-8 becomes U+FFFD); null: none is complete.
   * @throws ProtocolError when a line is longer than the limit
   */
  next(): string | null {
    for (;;) {
      if (this.#chunk !== null) {
        const end = this.#text.indexOf('\n', this.#at);
        if (end >= 0) return this.#cut(end);
        this.#keep(this.#chunk, this.#at, this.#chunk.length);
        this.#chunk = null;
        this.#text = '';
      }
      const chunk = this.#chunks.shift();
      if (chunk === undefined) return null;
      if (this.#partialLength === 0) {
        this.#load(chunk, 0);
        continue;
      }
      const end = chunk.indexOf(LF);
      this.#keep(chunk, 0, end < 0 ? chunk.length : end);
      if (end < 0) continue;
      if (end + 1 < chunk.length) this.#load(chunk, end + 1);
      return this.#takePartial();
    }
  }

  #load(chunk: Buffer, from: number): void {
    const rest = from === 0 ? chunk : chunk.subarray(from);
    this.#chunk = rest;
    this.#text = rest.toString('latin1');
    this.#textIsAscii = isAscii(rest);
    this.#at = 0;
  }

  #cut(end: number): string {
    const from = this.#at;
    this.#at = end + 1;
    this.#bufferedBytes -= end + 1 - from;
    const stop = end > from && this.#text.charCodeAt(end - 1) === CR ? end - 1 : end;
    this.#checkLength(stop - from);
    const line = this.#text.slice(from, stop);
    if (this.#textIsAscii) {
      this.lineIsAscii = true;
      return line;
    }
    const decoded = fromByteText(line);
    this.lineIsAscii = decoded === line;
    return decoded;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const length = this.#partialLength + to - from;
    this.#checkLength(length);
    if (length > this.#partial.length) {
      const grown = takeBuffer(Math.max(256, length, Math.min(this.#partial.length * 2, this.#maxLineBytes)));
      this.#partial.copy(grown, 0, 0, this.#partialLength);
      this.#partial = grown;
    }
    chunk.copy(this.#partial, this.#partialLength, from, to);
    this.#partialLength = length;
  }

  #takePartial(): string {
    const length = this.#partialLength;
    const stop = length > 0 && this.#partial[length - 1] === CR ? length - 1 : length;
    const bytes = this.#partial.subarray(0, stop);
    this.lineIsAscii = isAscii(bytes);
    const line = bytes.toString(this.lineIsAscii ? 'latin1' : 'utf8');
    this.#bufferedBytes -= length + 1;
    this.#partialLength = 0;
    if (this.#partial.length > keptPartialBytes) {
      if (this.#partial.length <= sharedPartialBytes && this.#partial.length > spare.length) spare = this.#partial;
      this.#partial = nothing;
    }
    return line;
  }

  #checkLength(length: number): void {
    if (length > this.#maxLineBytes) {
      throw new ProtocolError(
        `a command line of more than ${this.#maxLineBytes} bytes; split it into several commands`,
      );
    }
  }
}
