// Questions to whoever sits at the terminal.

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { JobstormError } from '@jobstorm/protocol';

/** Somebody can be asked, and sees the question. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

async function answer(question: string, echo: boolean): Promise<string> {
  // Without echo the terminal is in raw mode, where it shows only what is written to the output: nothing.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  process.stderr.write(question);
  const lines = createInterface({ input: process.stdin, output: echo ? process.stderr : silent, terminal: true });
  const gone = new AbortController();
  lines.once('SIGINT', () => gone.abort());
  lines.once('close', () => gone.abort());
  try {
    return (await lines.question('', { signal: gone.signal })).trim();
  } catch {
    throw new JobstormError('EINTERRUPTED', 'interrupted');
  } finally {
    lines.close();
    if (!echo) process.stderr.write('\n');
  }
}

/** @throws JobstormError EINTERRUPTED on ctrl-C and ctrl-D */
export function askSecret(question: string): Promise<string> {
  return answer(question, false);
}

/** True for y and yes. @throws JobstormError EINTERRUPTED on ctrl-C and ctrl-D */
export async function askYes(question: string): Promise<boolean> {
  return /^y(es)?$/i.test(await answer(`${question} [y/N] `, true));
}
