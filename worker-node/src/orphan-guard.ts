// Ends the worker's processes when their supervisor was killed. They end by themselves when their channel to it closes, unless a
// handler holds them or their jobs take long; so a shell, which costs a megabyte and no CPU, waits for the supervisor's end of a
// pipe to close.
//
//   supervisor ──pids, a line whenever they change──▶ shell ──(pipe closed without "end")──▶ waits ──▶ SIGKILL to those pids
//
// Invariant: after `end` there is no shell. It ignores what a terminal sends to the whole group; SIGKILL to the group ends it, too.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What processes get to end in good order, in seconds. */
const graceS = 1.7;

const script = `
trap '' HUP INT QUIT TERM TSTP
pids=
while read -r line; do
  if [ "$line" = end ]; then exit 0; fi
  pids=$line
done
sleep ${graceS} || sleep 1
if [ -n "$pids" ]; then kill -9 $pids; fi
`;

export class OrphanGuard {
  #shell: ChildProcess | null = null;
  #ended = false;

  /** These processes, and no others, are to end with us. */
  watch(pids: readonly number[]): void {
    if (this.#ended) return;
    this.#shell ??= this.#start();
    this.#shell.stdin!.write(`${pids.join(' ')}\n`);
  }

  /** Settles once the shell has gone. */
  async end(): Promise<void> {
    this.#ended = true;
    const shell = this.#shell;
    if (shell === null) return;
    const gone = once(shell, 'exit');
    shell.ref();
    shell.stdin!.end('end\n');
    await gone;
  }

  #start(): ChildProcess {
    const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] });
    const gone = () => {
      if (this.#shell === shell) this.#shell = null;
    };
    // Where there is no shell, or somebody killed it, the processes' own watch of their channel is all there is.
    shell.on('error', gone).on('exit', gone);
    shell.stdin!.on('error', () => {});
    shell.unref();
    (shell.stdin as unknown as { unref(): void }).unref();
    return shell;
  }
}
