// A run as the page asks for it, and as the control room tells of it. Pure.

export interface StartOptions {
  command: 'perf-test' | 'tune';
  /** Flags by name, as the command line has them. */
  flags: Record<string, string>;
}

/** The command and flags of a run that was started from a page, as its command line has them. Pure. */
export function readCommand(line: string): StartOptions | null {
  const [, command, ...words] = line.split(' ');
  if (command !== 'perf-test' && command !== 'tune') return null;
  const flags: Record<string, string> = {};
  for (let at = 0; at < words.length; at++) {
    if (words[at]!.startsWith('--')) flags[words[at]!.slice(2)] = words[++at] ?? '';
    else flags.jobs = words[at]!;
  }
  return { command, flags };
}
