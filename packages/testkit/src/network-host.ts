// A second host, as a network namespace of this machine joined to it by a veth pair: an address of its own, ports of its own,
// and nothing else that it could reach. Linux and root only.
// Invariant: the namespace and its link are gone after `remove`.

import { execFileSync } from 'node:child_process';

/** 10.231.x.0/30 blocks; x from the pid keeps two test runs apart. */
const block = () => `10.231.${process.pid % 250}`;

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Why no namespace can be made here; null: one can. */
export function whyNoNetworkHost(): string | null {
  const name = `jobstorm-try-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return null;
  } catch (error) {
    return `no network namespace can be made: ${(error as Error).message.trim().split('\n').at(-1)}`;
  }
}

export class NetworkHost {
  /** Its address, and ours as it sees us. */
  readonly address = `${block()}.2`;
  readonly ourAddress = `${block()}.1`;
  readonly name = `jobstorm-host-${process.pid}`;
  /** Our end of the link to it. */
  readonly link = `jsv${process.pid % 100_000}`;

  constructor() {
    const inside = `${this.link}i`;
    ip('netns', 'add', this.name);
    try {
      ip('link', 'add', this.link, 'type', 'veth', 'peer', 'name', inside);
      ip('link', 'set', inside, 'netns', this.name);
      ip('addr', 'add', `${this.ourAddress}/30`, 'dev', this.link);
      ip('link', 'set', this.link, 'up');
      ip('-n', this.name, 'addr', 'add', `${this.address}/30`, 'dev', inside);
      ip('-n', this.name, 'link', 'set', inside, 'up');
      ip('-n', this.name, 'link', 'set', 'lo', 'up');
      // What comes from a container over the bridge finds its way back.
      ip('-n', this.name, 'route', 'add', 'default', 'via', this.ourAddress);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** What stands before a command that is to run on it. */
  get prefix(): string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  remove(): void {
    try {
      ip('link', 'del', this.link);
    } catch {
      // It went with the namespace, or was never made.
    }
    ip('netns', 'del', this.name);
  }
}
