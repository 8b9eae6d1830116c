// A job that carries half a megabyte with it: pixels as base64, made smaller. What it measures is less the work than what such payloads
// cost the job server and the network; in production, rather put a picture elsewhere and its address into the job.
//
//   node bin/jobstorm worker 50 --jobs worker-node/examples/image-payload.ts
//   args: [width, height, base64 of width * height * 4 bytes]

const channels = 4;

/** Half as wide and half as high: each pixel the mean of four. */
export function thumbnail(width: number, height: number, base64: string): Buffer {
  const pixels = Buffer.from(base64, 'base64');
  const expected = width * height * channels;
  if (pixels.length !== expected) throw new RangeError(`got ${pixels.length} bytes, expected ${expected}`);
  const [across, down] = [width >> 1, height >> 1];
  const small = Buffer.alloc(across * down * channels);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      for (let channel = 0; channel < channels; channel++) {
        const at = (2 * y * width + 2 * x) * channels + channel;
        const below = at + width * channels;
        const sum = pixels[at]! + pixels[at + channels]! + pixels[below]! + pixels[below + channels]!;
        small[(y * across + x) * channels + channel] = sum >> 2;
      }
    }
  }
  return small;
}
