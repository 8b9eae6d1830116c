// `jobstorm link`: the control room's link, on a line of its own, for people and for scripts.

import { bearerToken, ExitCode, isLoopback, SettingsError } from '@jobstorm/program';
import { readCurrent } from '../current.ts';
import { askHealth } from '../health.ts';
import { hostAddresses } from './addresses.ts';
import { linkHelp, linkSettings } from './config.ts';
import { type Operation, operate } from './operation.ts';
import { dashboardLink } from './server-summary.ts';

/** The browser may be on another machine. */
function fromOutside(origin: string): string {
  const url = new URL(origin);
  if (!isLoopback(url.hostname)) return origin;
  url.hostname = hostAddresses()[0]!.address;
  return url.origin;
}

async function work({ values, dir, env }: Operation<typeof linkSettings>): Promise<number> {
  const current = readCurrent(dir);
  const origin = values.control?.replace(/^ws/, 'http').replace(/\/$/, '') ?? current?.control ?? null;
  if (origin === null) {
    throw new SettingsError([
      'no control room is known: `just server` starts one, JOBSTORM_CONTROL=ws://HOST:7460 names one that runs elsewhere',
    ]);
  }
  // The token in .env is that of the cluster started here.
  const own = current?.by === 'server' && current.control === origin;
  const token = own || Object.hasOwn(env, 'JOBSTORM_TOKEN') ? values.token : null;
  process.stdout.write(`${dashboardLink(fromOutside(origin), bearerToken(token, values.password))}\n`);
  if ((await askHealth(origin, 'dashboard')) === null) {
    process.stderr.write(`jobstorm link: no control room answers there now (${origin})\n`);
    return ExitCode.anythingElse;
  }
  return ExitCode.good;
}

/** Runs it from its arguments to its exit code. Never throws. */
export function link(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'link', help: linkHelp, table: linkSettings, work });
}
