// `jobstorm watch`: the dashboard in a terminal.

import { PageState } from '@jobstorm/dashboard';
import { type CommandHelp, ExitCode } from '@jobstorm/program';
import { Interrupt } from './interrupt.ts';
import { type Operation, operate } from './operate/operation.ts';
import { connectRoom, roomSettings } from './room-choice.ts';
import { redrawing } from './terminal.ts';
import { watchLines } from './watch-lines.ts';

const help: CommandHelp = {
  usage: 'jobstorm watch [--control ws://HOST:7460]',
  about:
    'Shows in a terminal what the dashboard shows: the run that goes on, its rate, latency, queue and CPU against caps, what limits it, and the\n' +
    'trials of a tuning. The control room is --control, else the one at the named job server, else that of the cluster that was started\n' +
    'last. ctrl-C ends it.',
  examples: [
    ['just watch', 'beside just perf-test or just tune in another terminal'],
    ['just watch --control ws://192.168.1.100:7460', 'of another host'],
  ],
};

/** In a pipe a line block now and then is enough. */
const everyMs = { terminal: 500, pipe: 2000 };

async function work(operation: Operation<typeof roomSettings>): Promise<number> {
  const { terminal } = operation;
  const interrupt = new Interrupt(() => {});
  const { room } = await connectRoom(operation);
  const state = new PageState();
  let away: string | null = null;
  const link = room.live(
    (message) => {
      away = null;
      state.take(message);
    },
    (reason) => {
      away = reason;
    },
  );
  const draw = redrawing(terminal);
  const timer = setInterval(
    () => draw(watchLines(state, away, terminal)),
    terminal.live ? everyMs.terminal : everyMs.pipe,
  );
  const ended = new Promise<void>((resolve) => {
    interrupt.signal.addEventListener('abort', () => resolve());
    process.stdout.once('error', () => resolve()); // nobody reads any more
  });
  try {
    await ended;
    return ExitCode.good;
  } finally {
    clearInterval(timer);
    await link.close();
    await room.close();
    interrupt.release();
  }
}

/** Runs it from its arguments to its exit code. Never throws. */
export function watch(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'watch', help, table: roomSettings, work });
}
