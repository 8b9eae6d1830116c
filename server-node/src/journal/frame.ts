// Frames: what the journal's files are made of. A frame holds a few records that stand or fall together; its checksum covers
// everything behind the checksum itself.
//
//   [magic|crc32|body bytes|segment|index|count|durable|0][record][record]…        all in 32-bit words of this machine
//
// `index` is the number, within the segment, of the first record here; `durable` is how many of the segment's records were
// known to be on disk when the frame was made. With the first a gap between two good frames tells how many records are
// missing; with the second, whether anyone was promised them. A file is used again for later segments without being wiped:
// what is left of an earlier one has an earlier segment number and counts as free space.
// Invariant: frames begin at multiples of 4 bytes, and a good frame's records are whole.

import { crc32 } from 'node:zlib';
import type { Block } from '../block.ts';

export const frameHeaderBytes = 32;
export const magic = 0x4c4a_534a; // "JSJL" where the low byte comes first

/** Frames are closed when their records have grown to this, in bytes: what one flipped bit can take along. */
export const frameTargetBytes = 4096;

export interface Frame {
  /** Of the frame, in bytes from the start of the block. */
  start: number;
  /** First byte behind its records. */
  end: number;
  /** Number, within its segment, of its first record. */
  index: number;
  /** How many records it has. */
  count: number;
  /** How many of the segment's records were on disk when it was made. */
  durable: number;
}

/** Writes the header of a frame whose records stand from `start` + header to `end`. */
export function sealFrame(
  { bytes, words }: Block,
  frame: Frame & {
    /** The segment's number. */
    segment: number;
  },
): void {
  const at = frame.start >> 2;
  words[at] = magic;
  words[at + 2] = frame.end - frame.start - frameHeaderBytes;
  words[at + 3] = frame.segment;
  words[at + 4] = frame.index;
  words[at + 5] = frame.count;
  words[at + 6] = frame.durable;
  words[at + 7] = 0;
  words[at + 1] = crc32(bytes.subarray(frame.start + 8, frame.end));
}

/** The frame of `segment` that begins at `start`; null when there is no good one. */
export function readFrame({ bytes, words }: Block, start: number, segment: number): Frame | null {
  const at = start >> 2;
  if (start + frameHeaderBytes > bytes.length || words[at] !== magic || words[at + 3] !== segment) return null;
  const bodyBytes = words[at + 2]!;
  const end = start + frameHeaderBytes + bodyBytes;
  if ((bodyBytes & 3) !== 0 || end > bytes.length) return null;
  if (crc32(bytes.subarray(start + 8, end)) !== words[at + 1]) return null;
  return { start, end, index: words[at + 4]!, count: words[at + 5]!, durable: words[at + 6]! };
}

/** The first good frame of `segment` at or behind `from`; null when there is none. */
export function findFrame(block: Block, from: number, segment: number): Frame | null {
  const { words } = block;
  for (let at = words.indexOf(magic, from >> 2); at >= 0; at = words.indexOf(magic, at + 1)) {
    const frame = readFrame(block, at * 4, segment);
    if (frame) return frame;
  }
  return null;
}
