// Bytes with a view of them as 32-bit words, in the order that this machine has them: what job texts are copied between.
// Invariant: both views begin at the same byte, and the length is a multiple of 4.

export interface Block {
  bytes: Buffer;
  words: Uint32Array;
}

/** @param size in bytes, rounded up to a multiple of 4 */
export function makeBlock(size: number): Block {
  const bytes = Buffer.allocUnsafeSlow((size + 3) & ~3);
  return { bytes, words: new Uint32Array(bytes.buffer, 0, bytes.length / 4) };
}

/** Up to here a loop is faster than the native copy with its views. */
const loopBytes = 1024;

/** Copies the first `length` bytes of `from` to `at` (a multiple of 4) in `to`, and fills the last word with zeros. */
export function copyStart(from: Block, length: number, to: Block, at: number): void {
  const whole = length >> 2;
  const word = at >> 2;
  if (length > loopBytes) {
    to.words.set(from.words.subarray(0, whole), word);
  } else {
    const [source, target] = [from.words, to.words];
    for (let i = 0; i < whole; i++) target[word + i] = source[i]!;
  }
  if ((length & 3) === 0) return;
  to.words[word + whole] = 0;
  for (let i = whole * 4; i < length; i++) to.bytes[at + i] = from.bytes[i]!;
}

/** Puts byte text at `at` (a multiple of 4), and fills the last word with zeros. */
export function putText(text: string, to: Block, at: number): void {
  if ((text.length & 3) !== 0) to.words[(at + text.length) >> 2] = 0;
  to.bytes.write(text, at, 'latin1');
}
