// `jobstorm api`: settings in, a running service out.

import { jobServerAddress, parseListen, type RunningPart, runPart } from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { startApi } from './api.ts';
import { help, requireTokenBeyondLoopback, type Settings, settings } from './config.ts';

async function start(values: Settings): Promise<RunningPart> {
  const warning = requireTokenBeyondLoopback(values);
  if (warning !== null) process.stderr.write(`jobstorm api: ${warning}\n`);
  const { batchMaxSize, batchMaxDelayMs, batchAuto, batchAdaptive, queue, control, token, hostName } = values;
  const address = jobServerAddress(values.url, values.password);
  const { url, close } = await startApi({
    ...parseListen(values.listen),
    address,
    batch: { maxSize: batchMaxSize, maxDelayMs: batchMaxDelayMs, auto: batchAuto, adaptive: batchAdaptive },
    queue,
    control,
    token,
    hostName,
  });
  return {
    ready: { url },
    readyLine: `jobstorm api: takes jobs at ${url} for ${describeAddress(address)}`,
    stop: close,
    finished: new Promise(() => {}), // it has no end of its own
  };
}

/** Runs until told to stop; the exit code. */
export function main(argv: readonly string[]): Promise<number> {
  return runPart(argv, { name: 'api', help, table: settings, start });
}
