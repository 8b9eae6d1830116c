// The first look at a segment: which of its frames count. A gap between good frames is one of two things. Records that a crash
// kept from the disk were promised to nobody: the segment ends before them, and nothing behind them counts. Records that were
// on disk once are damaged: they are left out, and counted. The frames behind the gap say how much was on disk when they were
// made; the segment that was opened next says how much this one had. Pure: bytes in, findings out.

import { type Block, type Frame, findFrame, frameHeaderBytes, readFrame } from './frame.ts';

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
}

/** @param limit how many of its records count, where that is known; null: all that were written whole */
export function surveySegment(block: Block, segment: number, limit: number | null): Survey {
  const found = goodFrames(block, segment, limit);
  const onDisk = limit ?? found.reduce((most, { durable }) => Math.max(most, durable), 0);
  const survey: Survey = { frames: [], records: 0, losses: [], tornBytes: 0 };
  let end = 0;
  for (const frame of found) {
    if (frame.index < survey.records) continue;
    if (frame.index > survey.records) {
      if (frame.index > onDisk) {
        survey.tornBytes = found.at(-1)!.end - end;
        return survey;
      }
      const records = frame.index - survey.records;
      survey.losses.push({ segment, at: end, bytes: frame.start - end, records });
    }
    survey.frames.push(frame);
    survey.records = frame.index + frame.count;
    end = frame.end;
  }
  if (limit === null) {
    survey.tornBytes = halfFrameBytes(block, end, segment);
  } else if (survey.records < limit) {
    survey.losses.push({ segment, at: end, bytes: null, records: limit - survey.records });
    survey.records = limit;
  }
  return survey;
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

/** Bytes of a frame of this segment that was begun at `at` and is not whole; 0 when there is none. */
function halfFrameBytes({ bytes, words }: Block, at: number, segment: number): number {
  const word = at >> 2;
  if (at + frameHeaderBytes > bytes.length || words[word + 3] !== segment) return 0;
  return Math.min(frameHeaderBytes + words[word + 2]!, bytes.length - at);
}
