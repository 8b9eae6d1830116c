// `jobstorm server`: settings in, a running server out.

import { parseListen, type RunningPart, runPart } from '@jobstorm/program';
import { dataFolder, help, requirePasswordBeyondLoopback, type Settings, settings, webAddress } from './config.ts';
import { startServer } from './server.ts';
import { readTlsKeys } from './tls-keys.ts';

async function start(values: Settings): Promise<RunningPart> {
  const warning = requirePasswordBeyondLoopback(values);
  if (warning !== null) process.stderr.write(`jobstorm server: ${warning}\n`);
  const data = dataFolder(values);
  const say = (line: string) => process.stderr.write(`jobstorm server: ${line}\n`);
  const server = await startServer({
    ...parseListen(values.listen),
    data: data && { ...data, say },
    web: webAddress(values),
    password: values.password,
    tls: readTlsKeys(values),
    maxConnections: values.maxConnections,
  });
  const { host, port, url, webUrl } = server;
  return {
    ready: { url, host, port, webUrl },
    readyLine: `jobstorm server: serves ${url} ${kept(data)}${webUrl ? `, ${webUrl}/stats` : ''}`,
    stop: () => server.close(),
    finished: new Promise(() => {}), // it has no end of its own
  };
}

/** Where jobs are, in words. */
function kept(data: ReturnType<typeof dataFolder>): string {
  return data ? `from ${data.folder}, with --fsync ${data.fsync}` : 'from memory';
}

/** Runs until told to stop; the exit code. */
export function main(argv: readonly string[]): Promise<number> {
  return runPart(argv, { name: 'server', help, table: settings, start });
}
