// Records on their way to the disk: laid into frames, and the frames into parts of the segment that is open, until a group of
// them is taken to be written. One operation's records share a frame, so they are found again together or not at all.
//
//   segment 7: … [written][ part: frame frame frame… ]     segment 8: [ part: opening, frame, open frame… ]
//
// Invariant: `begin(bytes)` leaves a frame open that has room for them, and nothing else opens, closes or moves on.

import { frameHeaderBytes, frameTargetBytes } from './frame.ts';
import { FrameWriter, type Opening, openingBytes } from './record.ts';
import type { MadeFile, OpenSegment } from './segment-file.ts';
import type { Supply } from './supply.ts';

const writerBytes = 1024 * 1024;
/** Writers that wait to be filled again. */
const maxIdleWriters = 4;

type Previous = Pick<Opening, 'previous' | 'previousRecords' | 'previousDurable'>;

/** A stretch of one segment, complete. */
export interface Part {
  segment: OpenSegment;
  at: number;
  writer: FrameWriter;
  /** The segment's records up to here. */
  records: number;
}

export interface Group {
  parts: Part[];
  /** `position` when it was taken. */
  end: number;
}

export interface GatherOptions {
  supply: Supply;
  /** What a new segment begins with. */
  opening(): Omit<Opening, keyof Previous>;
  /** A segment is full; `used` bytes of it. */
  onFull(segment: OpenSegment, used: number): void;
}

export class Gather {
  readonly #options: GatherOptions;
  #segment: OpenSegment;
  #writer = new FrameWriter(writerBytes);
  /** Where in the segment the writer's bytes go. */
  #at = 0;
  #parts: Part[] = [];
  readonly #idle: FrameWriter[] = [];
  /** Bytes given to earlier writers. */
  #before = 0;
  /** `position` when the last group was taken. */
  #taken = 0;

  /** Opens the first segment. `previous` is the last one that was there before, if any; all of it is on disk. */
  constructor(options: GatherOptions, previous: { number: number; records: number } | null) {
    this.#options = options;
    const [number, records] = [previous?.number ?? 0, previous?.records ?? 0];
    this.#segment = this.#openSegment({ previous: number, previousRecords: records, previousDurable: records });
  }

  /** Bytes gathered, ever. */
  get position(): number {
    return this.#before + this.#writer.used;
  }

  get isEmpty(): boolean {
    return this.#writer.used === 0 && this.#parts.length === 0;
  }

  /** Bytes gathered and not taken. */
  get bytes(): number {
    return this.position - this.#taken;
  }

  get segment(): OpenSegment {
    return this.#segment;
  }

  /** Bytes that the open segment has left. */
  get left(): number {
    return this.#segment.capacity - this.#at - this.#writer.used;
  }

  /** A writer with a frame open that takes `bytes` of records. */
  begin(bytes: number): FrameWriter {
    const writer = this.#writer;
    const isOpen = writer.start >= 0 && writer.used - writer.start < frameTargetBytes;
    return isOpen && writer.free >= bytes && this.left >= bytes ? writer : this.#beginFrame(bytes);
  }

  /** Takes all that was gathered. */
  take(): Group {
    this.#closeFrame();
    this.#closePart(writerBytes);
    const parts = this.#parts;
    this.#parts = [];
    this.#taken = this.position;
    return { parts, end: this.#taken };
  }

  /** Takes the writers of a group that is on disk back. */
  release({ parts }: Group): void {
    for (const { writer } of parts) {
      if (this.#idle.length === maxIdleWriters || writer.block.bytes.length !== writerBytes) continue;
      writer.reset();
      this.#idle.push(writer);
    }
  }

  #beginFrame(bytes: number): FrameWriter {
    this.#closeFrame();
    const need = bytes + frameHeaderBytes;
    if (this.left < need && this.#at + this.#writer.used > 0 && this.#segment.records > 0) this.#nextSegment();
    if (this.#writer.free < need) this.#closePart(need);
    this.#writer.open();
    return this.#writer;
  }

  #closeFrame(): void {
    const writer = this.#writer;
    if (writer.start < 0) return;
    const segment = this.#segment;
    const { count } = writer;
    writer.seal(segment.number, segment.records, segment.durable);
    segment.records += count;
  }

  /** Ends the part; the next writer has room for `need` bytes at least. */
  #closePart(need: number): void {
    const writer = this.#writer;
    if (writer.used > 0) {
      this.#parts.push({ segment: this.#segment, at: this.#at, writer, records: this.#segment.records });
      this.#at += writer.used;
      this.#before += writer.used;
    } else if (need <= writer.block.bytes.length) {
      return;
    }
    const idle = need <= writerBytes ? this.#idle.pop() : undefined;
    this.#writer = idle ?? new FrameWriter(Math.max(writerBytes, need));
  }

  #nextSegment(): void {
    this.#closePart(writerBytes);
    const full = this.#segment;
    const used = this.#at;
    const { number, records, durable } = full;
    this.#segment = this.#openSegment({ previous: number, previousRecords: records, previousDurable: durable });
    this.#options.onFull(full, used);
  }

  #openSegment(previous: Previous): OpenSegment {
    const opening: Opening = { ...this.#options.opening(), ...previous };
    const taken = this.#options.supply.take();
    const segment: OpenSegment = { ...taken, firstId: opening.nextId, records: 0, durable: 0, written: 0 };
    if (!segment.file) {
      const made = ({ file, capacity }: MadeFile) => {
        segment.file = file;
        segment.capacity = capacity;
      };
      // Should it never be made, whoever writes to it hears of that.
      segment.ready.then(made, () => {});
    }
    this.#segment = segment;
    this.#at = 0;
    const need = openingBytes(opening.queues) + frameHeaderBytes;
    if (this.#writer.free < need) this.#closePart(need);
    this.#writer.open();
    this.#writer.opened(segment.number, opening);
    this.#closeFrame();
    return segment;
  }
}
