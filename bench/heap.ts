// The heap of a Node process that was started with --inspect, asked over its inspector, garbage left out.

import { once } from 'node:events';
import { WebSocket } from 'ws';

export class HeapProbe {
  readonly #socket: WebSocket;
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** `port`: of the inspector, on loopback. */
  static async connect(port: number): Promise<HeapProbe> {
    const list = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
    const socket = new WebSocket((list as { webSocketDebuggerUrl: string }[])[0]!.webSocketDebuggerUrl);
    await once(socket, 'open');
    return new HeapProbe(socket);
  }

  async #ask(method: string): Promise<Record<string, unknown>> {
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, method }));
    for (;;) {
      const [data] = (await once(this.#socket, 'message')) as [Buffer];
      const message = JSON.parse(data.toString()) as { id?: number; result?: Record<string, unknown> };
      if (message.id === id) return message.result ?? {};
    }
  }

  /** In bytes, after a collection. */
  async usedBytes(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage');
    const { usedSize = 0 } = await this.#ask('Runtime.getHeapUsage');
    return Number(usedSize);
  }

  close(): void {
    this.#socket.terminate();
  }
}
