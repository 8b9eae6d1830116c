// The control room as a run uses it: one inside this process, or one that runs elsewhere; both answer the same questions.

import { type ControlRoomServer, type Room, RoomClient, startControlRoom } from '@jobstorm/dashboard';
import { formatServerUrl, JobstormError, type ServerAddress } from '@jobstorm/protocol';
import { type Secrets, tokenError } from './token-check.ts';

export interface ControlLink {
  /** What parts are given: ws://host:port. */
  url: string;
  room: Room;
  /** It lives in this process. */
  own: boolean;
  /** What people should know of it; none of one that runs elsewhere. */
  notes: readonly string[];
  close(): Promise<void>;
}

const asSocket = (url: string) => url.replace(/^http/, 'ws');

/** What makes a room of this command's own one that people look at. */
export interface ShownRoom {
  /** The usual one; where it is taken, any. */
  port: number;
  /** Folder for the records of runs. */
  runs: string;
}

const ownLink = ({ url, room, close }: ControlRoomServer, notes: readonly string[]): ControlLink => ({
  url: asSocket(url),
  room,
  own: true,
  notes,
  close,
});

/** One in this process, on loopback, at any free port. */
export async function startOwnControl(): Promise<ControlLink> {
  return ownLink(await startControlRoom({ host: '127.0.0.1', port: 0 }), []);
}

/**
 * The same for people to look at, beside the records of earlier runs. It names its job server, so that no other command takes it for
 * the room of another one.
 */
export async function startShownControl({ port, runs }: ShownRoom, server: ServerAddress): Promise<ControlLink> {
  const options = { host: '127.0.0.1', url: formatServerUrl(server), runs };
  try {
    return ownLink(await startControlRoom({ ...options, port }), []);
  } catch (error) {
    if (!(error instanceof JobstormError && error.code === 'EADDRINUSE')) throw error;
    const room = await startControlRoom({ ...options, port: 0, runsShared: true });
    return ownLink(room, [`dashboard: port ${port} is taken, so it is at another one this time`]);
  }
}

/**
 * The one that runs at http://host:port. `bearer` is what it is shown, made of `secrets`.
 * @throws JobstormError ETOKEN when it takes no such thing, ConnectionError when it is away
 */
export async function joinControl(origin: string, bearer: string | null, secrets: Secrets): Promise<ControlLink> {
  try {
    const room = await RoomClient.connect({ url: origin, token: bearer });
    return { url: asSocket(origin), room, own: false, notes: [], close: () => room.close() };
  } catch (error) {
    if (error instanceof JobstormError && error.code === 'ETOKEN') throw tokenError('control room', origin, secrets);
    throw error;
  }
}
