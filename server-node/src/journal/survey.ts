// The first look at a segment: which of its frames count. A gap between good frames is one of two things. Records that a crash
// kept from the disk were promised to nobody: the segment ends before them, and nothing behind them counts. Records that were
// on disk once are damaged: they are left out, and counted. The frames behind the gap say how much was on disk when they were
// made; the segment that was opened next says how much this one had. Pure: bytes in, findings out.

import type { Block } from '../block.ts';
import { type Frame, findFrame, frameHeaderBytes, frameTargetBytes, magic, readFrame } from './frame.ts';

/** Where something is missing, and how much. */
export interface Loss {
  segment: number;
  /** In bytes from the start of the file. */
  at: number;
  /** null: nobody can tell. */
  bytes: number | null;
  records: number;
}

export interface Survey {
  /** Good frames that count, in order. */
  frames: Frame[];
  /** Records up to the last one that counts, those that are missing included. */
  records: number;
  losses: Loss[];
  /** Bytes at the end that a crash has left half written. */
  tornBytes: number;
  /** Records that were promised to nobody are missing: the journal ends here. */
  isCut: boolean;
}

/**
 * @param limit how many records it was given, where that is known; more do not count
 * @param onDisk how many of them were on disk, as far as others than its own frames know
 */
export function surveySegment(block: Block, segment: number, limit: number | null, onDisk: number): Survey {
  const found = goodFrames(block, segment, limit);
  const promised = found.reduce((most, { durable }) => Math.max(most, durable), onDisk);
  const survey: Survey = { frames: [], records: 0, losses: [], tornBytes: 0, isCut: false };
  let end = 0;
  for (const frame of found) {
    if (frame.index < survey.records) continue;
    if (frame.index > survey.records) {
      if (frame.index > promised) return { ...survey, tornBytes: found.at(-1)!.end - end, isCut: true };
      const records = frame.index - survey.records;
      survey.losses.push({ segment, at: end, bytes: frame.start - end, records });
    }
    survey.frames.push(frame);
    survey.records = frame.index + frame.count;
    end = frame.end;
  }
  const expected = Math.min(promised, limit ?? promised);
  if (survey.records < expected && Number.isFinite(expected)) {
    survey.losses.push({ segment, at: end, bytes: null, records: expected - survey.records });
    survey.records = expected;
  }
  survey.isCut = limit !== null && survey.records < limit;
  if (limit === null || survey.isCut) survey.tornBytes = halfFrame(block, end, segment)?.bytes ?? 0;
  return survey;
}

/** The same, when what stands half at the end was on disk as a whole once. */
export function withLostEnd(survey: Survey, block: Block, segment: number): Survey {
  const at = survey.frames.at(-1)?.end ?? 0;
  const half = halfFrame(block, at, segment);
  if (!half) return survey;
  const loss = { segment, at, ...half };
  return { ...survey, losses: [...survey.losses, loss], records: survey.records + half.records, tornBytes: 0 };
}

function goodFrames(block: Block, segment: number, limit: number | null): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; ; ) {
    const frame = readFrame(block, at, segment) ?? findFrame(block, at + 4, segment);
    if (!frame || frame.index >= (limit ?? Number.POSITIVE_INFINITY)) return frames;
    frames.push(frame);
    at = frame.end;
  }
}

/**
 * A frame of this segment that was begun at `at` and is not whole; null when there is none. One flipped bit leaves either its first
 * word or its segment's number right; a frame that an earlier use of the file has left is whole.
 */
export function halfFrame(
  { bytes, words }: Block,
  at: number,
  segment: number,
): { bytes: number; records: number } | null {
  const word = at >> 2;
  if (at + frameHeaderBytes > bytes.length) return null;
  const isOurs = words[word + 3] === segment;
  // The 0 tells it from a job's text, in which there is none.
  const isSomebodys =
    words[word] === magic && words[word + 7] === 0 && !readFrame({ bytes, words }, at, words[word + 3]!);
  if (!isOurs && !isSomebodys) return null;
  // These may be what is damaged.
  const most = Math.ceil(frameTargetBytes / 4);
  return {
    bytes: Math.min(frameHeaderBytes + words[word + 2]!, bytes.length - at),
    records: Math.min(Math.max(words[word + 5]!, 1), most),
  };
}
