// One file of the journal and what is known of it. Numbers only grow; a file that was compacted together with the ones behind
// it stands for all of their numbers. Invariant: the ids of the jobs recorded in it are those from `firstId` to before
// `endId`, less those that a compaction has left out.

import type { DiskFile } from './disk.ts';

const pattern = /^(segment|spare)-(\d{10})\.journal$/;

export const segmentName = (number: number) => `segment-${String(number).padStart(10, '0')}.journal`;

/** The name of a file that held a segment and holds nothing any more. */
export const spareName = (number: number) => `spare-${String(number).padStart(10, '0')}.journal`;

/** What a file's name says; null when it is none of the journal's. */
export function readName(name: string): { number: number; isSpare: boolean } | null {
  const found = pattern.exec(name);
  return found && { number: Number(found[2]), isSpare: found[1] === 'spare' };
}

/** A segment that nothing is added to any more. */
export interface SealedSegment {
  number: number;
  /** Number of the last segment that it stands for. */
  through: number;
  /** Bytes that it takes on disk. */
  size: number;
  /** Bytes of frames in it. */
  used: number;
  records: number;
  firstId: number;
  endId: number;
  /** Jobs recorded in it, live or not. */
  jobs: number;
  /** Of its jobs, those that ended before this segment began are no longer in it. */
  cleanAsOf: number;
  /** Records of live jobs in it can't be read back: it is left as it is. */
  isDamaged: boolean;
}

/** A file that holds nothing any more. */
export interface DeadFile {
  name: string;
  size: number;
}

/** A file that can be written to. */
export interface MadeFile {
  file: DiskFile;
  /** Bytes that were laid out for it. */
  capacity: number;
}

/** The segment that is being filled. */
export interface OpenSegment {
  number: number;
  /** Null: still being made; `ready` settles once it is. */
  file: DiskFile | null;
  ready: Promise<MadeFile>;
  /** Bytes that were laid out for it, or are to be. */
  capacity: number;
  firstId: number;
  /** Records given to it. */
  records: number;
  /** Of those, how many are on disk. */
  durable: number;
  /** Bytes written to it. */
  written: number;
}
