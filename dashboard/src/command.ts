// `jobstorm dashboard`: settings in, a running control room out.

import { parseListen, type RunningPart, runPart } from '@jobstorm/program';
import { help, type Settings, serverUrl, settings } from './config.ts';
import { startControlRoom } from './server.ts';

async function start(values: Settings): Promise<RunningPart> {
  const { token, password, open } = values;
  const { url, warning, close } = await startControlRoom({
    ...parseListen(values.listen),
    url: serverUrl(values),
    token,
    password,
    open,
    runs: values.runs === 'none' ? null : values.runs,
    api: values.api,
  });
  if (warning !== null) process.stderr.write(`jobstorm dashboard: ${warning}\n`);
  return {
    ready: { url },
    readyLine: `jobstorm dashboard: control room at ${url}, parts report with --control ${url.replace('http', 'ws')}`,
    stop: close,
    finished: new Promise(() => {}), // it has no end of its own
  };
}

/** Runs until told to stop; the exit code. */
export function main(argv: readonly string[]): Promise<number> {
  return runPart(argv, { name: 'dashboard', help, table: settings, start });
}
