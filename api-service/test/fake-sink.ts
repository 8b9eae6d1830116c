// A job server in this process that does what a test says: takes everything, refuses some, fails, or stays silent until told.

import type { Job } from '@jobstorm/protocol';
import type { JobSink } from '../src/pusher.ts';

type Answer = (jobs: Job[]) => Record<string, string> | Promise<Record<string, string>>;

export class FakeSink implements JobSink {
  readonly address = 'tcp://192.0.2.1:7419';
  connected = true;
  /** The jobs of each PUSHB, parsed. */
  readonly pushes: Job[][] = [];
  /** The same as it came. */
  readonly texts: string[] = [];
  /** PUSHBs answered by nobody yet; the most there were at one time. */
  open = 0;
  openMax = 0;
  answer: Answer = () => ({});

  get jobs(): Job[] {
    return this.pushes.flat();
  }

  async pushBulkTexts(texts: readonly string[]): Promise<Record<string, string>> {
    const text = `[${texts.join(',')}]`;
    this.texts.push(text);
    const jobs = JSON.parse(text) as Job[];
    this.pushes.push(jobs);
    this.open++;
    this.openMax = Math.max(this.openMax, this.open);
    try {
      return await this.answer(jobs);
    } finally {
      this.open--;
    }
  }

  async probe(): Promise<{ description: string; version: string } | null> {
    return this.connected ? { description: 'fake', version: '1.2.3' } : null;
  }
}

/** An answer that a test gives when it likes. */
export class Held<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
