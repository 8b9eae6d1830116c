// What the wire tests of this package share: fake servers that end with their test, and the proof that nothing is left.

import type { TestContext } from 'node:test';
import { type FakeAnswer, FakeServer, type FakeServerOptions, watchLeaks } from '@jobstorm/testkit';
import type { JobstormError, ServerAddress } from '../src/index.ts';

export class Stage {
  readonly #clean: (() => unknown)[] = [];

  /** Once the test has ended, what is on the stage ends, the newest first; then no socket or timer of the test may be left. */
  constructor(t: TestContext) {
    const leaks = watchLeaks();
    t.after(async () => {
      for (const clean of this.#clean.reverse()) await clean();
      await leaks.settle();
    });
  }

  onEnd(clean: () => unknown): void {
    this.#clean.push(clean);
  }

  async server(options: FakeServerOptions = {}): Promise<FakeServer> {
    const server = await FakeServer.start(options);
    this.onEnd(() => server.close());
    return server;
  }
}

/** Where a server is, as a client wants it. */
export function at({ host, port }: { host: string; port: number }, password: string | null = null): ServerAddress {
  return { host, port, password };
}

/** A script that answers every command with its own text, as a body, and closes on END. */
export function echo(line: string): FakeAnswer | string | undefined {
  if (line === 'END') return { after: 'close' };
  return line.startsWith('HELLO ') ? undefined : `$${Buffer.byteLength(line)}\r\n${line}\r\n`;
}

/** How each promise ended: its value, or its error's code. */
export function outcomes(calls: Promise<unknown>[]): Promise<unknown[]> {
  return Promise.all(calls.map((call) => call.catch((error: JobstormError) => error.code)));
}
