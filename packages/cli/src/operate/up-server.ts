// `jobstorm up server`: secrets once, then the engine, then what people need to know.

import { ExitCode } from '@jobstorm/program';
import { writeCurrent } from '../current.ts';
import { keepInEnvFile } from '../env-file.ts';
import { hostAddresses } from './addresses.ts';
import { upServerHelp, upServerSettings } from './config.ts';
import type { ServerPlan } from './engine.ts';
import { openEngine } from './open-engine.ts';
import { type Operation, operate } from './operation.ts';
import { planSecrets } from './secrets.ts';
import { serverSummary } from './server-summary.ts';

type UpServer = Operation<typeof upServerSettings>;

const openWarning =
  'JOBSTORM_OPEN: no password and no token; everybody who reaches this host can take, make and delete jobs. Only for a closed lab.';

function planServer({ values, dir, env, live }: UpServer): ServerPlan {
  const { password, token, made } = planSecrets(values, values.open);
  const names = Object.keys(made);
  if (names.length > 0) {
    keepInEnvFile(dir, made);
    live.say(`${names.join(' and ')} made and kept in .env`);
  }
  const { faktoryPort: faktory, webPort: web, apiPort: api, dashboardPort: dashboard } = values;
  return {
    embedded: values.embedded,
    open: values.open,
    password,
    token,
    ports: { faktory, web, api, dashboard },
    env,
  };
}

async function work(operation: UpServer): Promise<number> {
  const { values, dir, env, live, terminal } = operation;
  if (values.open) live.say(terminal.yellow(openWarning));
  live.doing('looking at this host');
  const engine = await openEngine({ asked: values.engine, dir, env, live });
  const plan = planServer(operation);
  const { lines } = await engine.upServer(plan);
  live.clear();
  const { ports } = plan;
  writeCurrent(dir, {
    url: `tcp://127.0.0.1:${ports.faktory}`,
    api: `http://127.0.0.1:${ports.api}`,
    control: `http://127.0.0.1:${ports.dashboard}`,
    startedAt: new Date().toISOString(),
    by: 'server',
    engine: engine.kind,
  });
  for (const line of [...lines, ...serverSummary(plan, hostAddresses())]) live.say(line);
  return ExitCode.good;
}

/** Runs `jobstorm up server` from its arguments to its exit code. Never throws. */
export function upServer(argv: readonly string[]): Promise<number> {
  return operate(argv, { name: 'up server', help: upServerHelp, table: upServerSettings, work });
}
