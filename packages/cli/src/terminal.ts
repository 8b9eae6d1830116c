// What the output can show: colours and a line that is drawn over only on a terminal, plain lines anywhere else.

export interface Terminal {
  /** A terminal that a line can be drawn over on. */
  live: boolean;
  columns: number;
  write(text: string): void;
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

/** NO_COLOR (https://no-color.org) and TERM=dumb turn colours off. */
export function makeTerminal(
  stream: { isTTY?: boolean; columns?: number; write(text: string): unknown },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const live = stream.isTTY === true && env.TERM !== 'dumb';
  const coloured = live && (env.NO_COLOR ?? '') === '';
  const paint = (code: number) => (text: string) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    live,
    get columns() {
      return stream.columns ?? 80;
    },
    write: (text) => void stream.write(text),
    bold: paint(1),
    dim: paint(2),
    green: paint(32),
    red: paint(31),
    yellow: paint(33),
  };
}

/** Shows lines in place of those that it showed before, or below them where they can't be drawn over. */
export function redrawing(t: Terminal): (lines: readonly string[]) => void {
  let shown = 0;
  return (lines) => {
    if (t.live && shown > 0) t.write(`\u001b[${shown}A\u001b[J`);
    shown = lines.length;
    for (const line of lines) t.write(`${line}\n`);
  };
}
