// Prints logs of parts, and what is added to them until ctrl-C. Lines of several parts have their part's name before them.

import { ExitCode } from '@jobstorm/program';
import { Interrupt } from '../../interrupt.ts';
import { LogReader } from './log.ts';

export interface NamedLog {
  name: string;
  path: string;
}

export interface FollowOptions {
  logs: readonly NamedLog[];
  follow: boolean;
  output: NodeJS.WritableStream;
}

const lookEveryMs = 200;

/** Settles with the exit code: with `follow` when it is interrupted or nobody reads any more, else at once. */
export async function printLogs({ logs, follow, output }: FollowOptions): Promise<ExitCode> {
  const width = Math.max(...logs.map(({ name }) => name.length));
  const readers = logs.map(({ name, path }) => ({
    reader: new LogReader(path),
    head: logs.length > 1 ? `${name.padEnd(width)} | ` : '',
  }));
  const show = () => {
    for (const { reader, head } of readers) for (const line of reader.lines()) output.write(`${head}${line}\n`);
  };
  show();
  if (follow) await showUntilInterrupted(show, output);
  return ExitCode.good;
}

async function showUntilInterrupted(show: () => void, output: NodeJS.WritableStream): Promise<void> {
  const interrupt = new Interrupt(() => {});
  const timer = setInterval(show, lookEveryMs);
  await new Promise<void>((resolve) => {
    interrupt.signal.addEventListener('abort', () => resolve());
    output.once('error', () => resolve());
  });
  clearInterval(timer);
  interrupt.release();
  show();
}
