// The control room as a run uses it: one inside this process, or one that runs elsewhere; both answer the same questions.

import { type Room, RoomClient, startControlRoom } from '@jobstorm/dashboard';
import { JobstormError } from '@jobstorm/protocol';
import { type Secrets, tokenError } from './token-check.ts';

export interface ControlLink {
  /** What parts are given: ws://host:port. */
  url: string;
  room: Room;
  /** It lives in this process. */
  own: boolean;
  close(): Promise<void>;
}

const asSocket = (url: string) => url.replace(/^http/, 'ws');

/** One in this process, on loopback, at any free port. */
export async function startOwnControl(): Promise<ControlLink> {
  const { url, room, close } = await startControlRoom({ host: '127.0.0.1', port: 0 });
  return { url: asSocket(url), room, own: true, close };
}

/**
 * The one that runs at http://host:port. `bearer` is what it is shown, made of `secrets`.
 * @throws JobstormError ETOKEN when it takes no such thing, ConnectionError when it is away
 */
export async function joinControl(origin: string, bearer: string | null, secrets: Secrets): Promise<ControlLink> {
  try {
    const room = await RoomClient.connect({ url: origin, token: bearer });
    return { url: asSocket(origin), room, own: false, close: () => room.close() };
  } catch (error) {
    if (error instanceof JobstormError && error.code === 'ETOKEN') throw tokenError('control room', origin, secrets);
    throw error;
  }
}
