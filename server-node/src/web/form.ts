// The body of a form: application/x-www-form-urlencoded, of a bounded size.

import type { IncomingMessage } from 'node:http';

/** A page's worth of jobs, each ticked. */
const maxBytes = 256 * 1024;

/** A body that is not taken. */
export class FormError extends Error {
  readonly status: 413 | 415;

  constructor(status: 413 | 415, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads a form to its end.
 * @throws FormError when it is none, or too long; Error when the client goes away
 */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new FormError(415, 'expected a form (application/x-www-form-urlencoded)');
  }
  return new URLSearchParams((await readBody(request)).toString());
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // The rest is read and thrown away, so that the client gets to our answer.
      if (bytes <= maxBytes) chunks.push(chunk);
      else reject(new FormError(413, `a form of more than ${maxBytes} bytes`));
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client went away')));
  });
}
