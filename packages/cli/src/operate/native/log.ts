// The logs of parts: .jobstorm/logs/NAME.log, started anew at each start of its part, the one before kept as NAME.log.1.

import { closeSync, mkdirSync, openSync, readFileSync, readSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const pieceBytes = 65_536;

/** Opens an empty log to append to. The caller closes it. */
export function startLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  try {
    renameSync(path, `${path}.1`);
  } catch {} // the first start: there is none
  return openSync(path, 'a', 0o600);
}

/** All of it; empty when there is none. */
export function logText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The last lines that say something: no empty ones, no calls of a stack. */
export function lastLines(path: string, count: number): string[] {
  return logText(path)
    .split('\n')
    .filter((line) => /\S/.test(line) && !/^\s+at /.test(line))
    .slice(-count);
}

/** Reads a log from where it stopped the last time, line by line, and starts over when a new one stands in its place. */
export class LogReader {
  readonly #path: string;
  #inode = 0;
  #offset = 0;
  #rest = '';
  #decoder = new StringDecoder('utf8');

  constructor(path: string) {
    this.#path = path;
  }

  /** The whole lines that came since the last call. */
  lines(): string[] {
    const more = this.#more();
    const lines = (this.#rest + more).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  #more(): string {
    let file: number;
    try {
      const { ino, size } = statSync(this.#path);
      if (ino !== this.#inode || size < this.#offset) {
        this.#offset = 0;
        this.#rest = '';
        this.#decoder = new StringDecoder('utf8');
      }
      this.#inode = ino;
      file = openSync(this.#path, 'r');
    } catch {
      return ''; // not started yet
    }
    const pieces: Buffer[] = [];
    try {
      for (;;) {
        const piece = Buffer.alloc(pieceBytes);
        const got = readSync(file, piece, 0, pieceBytes, this.#offset);
        if (got === 0) return this.#decoder.write(Buffer.concat(pieces));
        this.#offset += got;
        pieces.push(piece.subarray(0, got));
      }
    } finally {
      closeSync(file);
    }
  }
}
