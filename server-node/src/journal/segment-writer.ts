// A compacted segment as it is written, beside the journal under a name of its own. Its first frame, which says how many records
// there are, is written last. Invariant: the file is complete and on disk when `finish` settles.

import type { Block } from '../block.ts';
import type { Disk, DiskFile } from './disk.ts';
import { frameHeaderBytes, frameTargetBytes } from './frame.ts';
import { FrameWriter, rewrittenBytes } from './record.ts';

const bufferBytes = 512 * 1024;
const headBytes = frameHeaderBytes + rewrittenBytes;

export class SegmentWriter {
  readonly #disk: Disk;
  readonly #name: string;
  readonly #file: DiskFile;
  readonly #number: number;
  readonly #through: number;
  readonly #firstId: number;
  #writer = new FrameWriter(bufferBytes);
  /** Full ones that are not written yet. */
  #full: FrameWriter[] = [];
  /** Where in the file the next bytes go. */
  #at = headBytes;
  /** Records, the first frame's among them. */
  records = 1;

  private constructor(disk: Disk, name: string, file: DiskFile, number: number, through: number, firstId: number) {
    this.#disk = disk;
    this.#name = name;
    this.#file = file;
    this.#number = number;
    this.#through = through;
    this.#firstId = firstId;
  }

  /** @param through number of the last segment that it will stand for */
  static async open(
    disk: Disk,
    name: string,
    number: number,
    through: number,
    firstId: number,
  ): Promise<SegmentWriter> {
    return new SegmentWriter(disk, name, await disk.open(name), number, through, firstId);
  }

  /** Bytes of the file so far. */
  get used(): number {
    return this.#at;
  }

  /** Adds a record as it stands in a block. */
  copy(from: Block, start: number, end: number): void {
    let writer = this.#writer;
    if (writer.start >= 0 && writer.used - writer.start >= frameTargetBytes) this.#seal();
    if (writer.free < end - start + frameHeaderBytes) {
      this.#seal();
      this.#full.push(writer);
      writer = new FrameWriter(Math.max(bufferBytes, end - start + frameHeaderBytes));
      this.#writer = writer;
    }
    if (writer.start < 0) writer.open();
    writer.copy(from, start, end);
  }

  /** Writes what is full. */
  async drain(): Promise<void> {
    for (const writer of this.#full.splice(0)) {
      await this.#file.write(writer.bytes, this.#at);
      this.#at += writer.used;
    }
  }

  async finish(): Promise<void> {
    this.#seal();
    this.#full.push(this.#writer);
    await this.drain();
    const head = new FrameWriter(headBytes);
    head.open();
    head.rewritten(this.#through, this.records, this.#firstId);
    head.seal(this.#number, 0, this.records);
    await this.#file.write(head.bytes, 0);
    await this.#file.sync();
    await this.#file.close();
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {}); // it may be closed already
    await this.#disk.remove(this.#name).catch(() => {}); // the next start removes it otherwise
  }

  #seal(): void {
    const writer = this.#writer;
    if (writer.start < 0) return;
    const { count } = writer;
    writer.seal(this.#number, this.records, this.records);
    this.records += count;
  }
}
