// `jobstorm worker-stats`: what the workers do right now, as the control room in use hears it from them.

import type { RoomClient } from '@jobstorm/dashboard';
import { type CommandHelp, defineSettings, ExitCode } from '@jobstorm/program';
import { Type } from '@sinclair/typebox';
import { Interrupt } from './interrupt.ts';
import { type Operation, operate } from './operate/operation.ts';
import { connectRoom, roomSettings } from './room-choice.ts';
import { redrawing, type Terminal } from './terminal.ts';
import { workerRows, workerTable } from './worker-rows.ts';

export const workerStatsSettings = defineSettings({
  ...roomSettings,
  watch: {
    schema: Type.Boolean(),
    flag: 'watch',
    default: false,
    help: 'again every second, until ctrl-C',
    expected: 'true or false',
  },
});

const help: CommandHelp = {
  usage: 'jobstorm worker-stats [--watch] [--control ws://HOST:7460]',
  about:
    'Shows what each worker does right now: jobs a second, slots busy, connections to the job server, CPU against its cap, memory.\n' +
    'The control room is --control, else the one at the named job server, else that of the cluster that was started last.',
  examples: [
    ['just worker-stats', 'one look, over a second'],
    ['just worker-stats --watch', 'while a test runs in another terminal'],
  ],
};

const everyMs = 1000;

interface Watching {
  room: RoomClient;
  origin: string;
  terminal: Terminal;
  interrupt: Interrupt;
}

async function look(room: RoomClient) {
  await room.poll();
  return room.workers();
}

const none = (origin: string) =>
  `no worker reports to the control room at ${origin}: \`just worker\` starts one, \`just logs worker\` says what it does`;

async function once({ room, origin, terminal, interrupt }: Watching): Promise<number> {
  const before = await interrupt.race(look(room));
  await interrupt.race(new Promise((resolve) => setTimeout(resolve, everyMs)));
  const rows = workerRows(before, await interrupt.race(look(room)));
  if (rows.length === 0) {
    terminal.write(`${none(origin)}\n`);
    return ExitCode.anythingElse;
  }
  const [head, ...lines] = workerTable(rows);
  terminal.write(`${[terminal.dim(head!), ...lines].join('\n')}\n`);
  return ExitCode.good;
}

/** Until ctrl-C, which is its good end, or until nobody reads any more. */
async function watch({ room, origin, terminal, interrupt }: Watching): Promise<number> {
  const draw = redrawing(terminal);
  const { signal } = interrupt;
  let closed = false;
  process.stdout.once('error', () => {
    closed = true;
  });
  let before = await look(room);
  while (!signal.aborted && !closed) {
    await interrupt.race(new Promise((resolve) => setTimeout(resolve, everyMs))).catch(() => {});
    if (signal.aborted) break;
    try {
      const after = await interrupt.race(look(room));
      const rows = workerRows(before, after);
      before = after;
      const [head, ...lines] = rows.length === 0 ? [none(origin)] : workerTable(rows);
      draw([terminal.dim(head!), ...lines]);
    } catch (error) {
      // Away: it is tried again until it is back.
      if (!signal.aborted) draw([terminal.yellow((error as Error).message)]);
    }
  }
  return ExitCode.good;
}

async function work(operation: Operation<typeof workerStatsSettings>): Promise<number> {
  const interrupt = new Interrupt(() => {});
  let room: RoomClient | null = null;
  try {
    const connected = await connectRoom(operation);
    room = connected.room;
    const watching = { ...connected, terminal: operation.terminal, interrupt };
    return await (operation.values.watch ? watch(watching) : once(watching));
  } finally {
    await room?.close();
    interrupt.release();
  }
}

/** Runs it from its arguments to its exit code. Never throws. */
export function workerStats(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'worker-stats', help, table: workerStatsSettings, work });
}
