// The job server as this service sees it: a client that is kept connected for good, lines for people about what stands in its
// way (each reason once, not each try), and the question of /health.

import { Client, describeAddress, type JobstormError, type ServerAddress } from '@jobstorm/protocol';
import type { JobSink } from './pusher.ts';
import type { ServerIdentity } from './status-routes.ts';

export interface JobServerOptions {
  address: ServerAddress;
  /** Hears one line for each new trouble. */
  tell(line: string): void;
}

const probeDeadlineMs = 2000;

export class JobServer implements JobSink {
  readonly address: string;
  readonly #client: Client;
  readonly #tell: (line: string) => void;
  /** Code of the trouble that was told last. */
  #told: string | null = null;
  #closing = false;
  #probe: Promise<ServerIdentity | null> | null = null;

  /** Starts to connect, and goes on trying. */
  constructor({ address, tell }: JobServerOptions) {
    this.address = describeAddress(address);
    this.#tell = tell;
    this.#client = Client.connectInBackground({ address }, (error) => this.#down(error));
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  pushBulkTexts(texts: readonly string[]): Promise<Record<string, string>> {
    return this.#client.pushBulkTexts(texts);
  }

  /** Who answers at the address; null: nobody, within 2 s. Those who ask at the same time share one question. */
  probe(): Promise<ServerIdentity | null> {
    this.#probe ??= this.#ask().finally(() => {
      this.#probe = null;
    });
    return this.#probe;
  }

  /** Waits for the answers that are due. */
  close(): Promise<void> {
    this.#closing = true;
    return this.#client.close();
  }

  async #ask(): Promise<ServerIdentity | null> {
    if (!this.connected) return null;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, probeDeadlineMs, null);
    });
    const asked = this.#client.info().then(
      ({ server }) => ({ description: server.description, version: server.faktory_version }),
      () => null,
    );
    const identity = await Promise.race([asked, late]);
    clearTimeout(timer);
    return identity;
  }

  #down(error: JobstormError): void {
    if (this.#closing || error.code === this.#told) return;
    this.#told = error.code;
    this.#tell(`${error.message}; trying again until it answers`);
  }
}
