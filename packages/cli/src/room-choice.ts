// Which control room a command asks: the one it was told, else the one at the job server that it was told, else that of the
// cluster that this checkout started last, else one that runs on this machine.

import { RoomClient } from '@jobstorm/dashboard';
import { bearerToken, defineSettings, type SettingsOf, sharedSettings } from '@jobstorm/program';
import { JobstormError, parseServerUrl } from '@jobstorm/protocol';
import { perfTestSettings } from './config.ts';
import { type CurrentCluster, readCurrent } from './current.ts';
import { askHealth } from './health.ts';
import type { Operation } from './operate/operation.ts';

export const roomSettings = defineSettings({
  control: {
    ...perfTestSettings.control,
    env: ['JOBSTORM_CONTROL'],
    help: 'the control room; unset: that of the cluster that was started last',
  },
  url: { ...sharedSettings.url, help: 'a job server, at whose host the control room is' },
  password: sharedSettings.password,
  token: {
    ...sharedSettings.token,
    help: "the control room's token; without one a key made from the password is sent",
  },
});

type Settings = SettingsOf<typeof roomSettings>;

const localRoom = 'http://127.0.0.1:7460';

/**
 * Where the control room is, without asking it; null: nobody said.
 * @param current the cluster that was started last
 */
export function roomOf(
  { control, url }: Pick<Settings, 'control' | 'url'>,
  current: CurrentCluster | null,
): string | null {
  if (control !== null) return control;
  if (url === null) return current?.control ?? null;
  const { host } = parseServerUrl(url);
  if (current && parseServerUrl(current.url).host === host) return current.control;
  return `http://${host.includes(':') ? `[${host}]` : host}:7460`;
}

async function findRoom(settings: Settings, current: CurrentCluster | null): Promise<string> {
  const origin = roomOf(settings, current);
  if (origin !== null) return origin;
  if ((await askHealth(localRoom, 'dashboard')) !== null) return localRoom;
  throw new JobstormError(
    'ECONTROL',
    'no control room is known here: `just server` starts one, --control ws://HOST:7460 names one that runs elsewhere',
  );
}

/**
 * Connects to it; whoever calls closes it.
 * @throws JobstormError ECONTROL when none is known, and what `RoomClient.connect` throws
 */
export async function connectRoom({
  values,
  dir,
  env,
}: Pick<Operation<typeof roomSettings>, 'values' | 'dir' | 'env'>): Promise<{ room: RoomClient; origin: string }> {
  const current = readCurrent(dir);
  const origin = await findRoom(values, current);
  // The token in .env is that of the cluster that was started here.
  const own = current?.by === 'server' && current.control === origin;
  const token = own || Object.hasOwn(env, 'JOBSTORM_TOKEN') ? values.token : null;
  const room = await RoomClient.connect({ url: origin, token: bearerToken(token, values.password) });
  return { room, origin };
}
