// The control room as a run uses it: one inside this process, or one that runs elsewhere; both answer the same questions.

import { type Room, RoomClient, startControlRoom } from '@jobstorm/dashboard';

export interface ControlLink {
  /** What parts are given: ws://host:port. */
  url: string;
  room: Room;
  /** It lives in this process. */
  own: boolean;
  close(): Promise<void>;
}

const asSocket = (url: string) => url.replace(/^http/, 'ws');

/** `origin`: http://host:port of a running one; null: one is started in this process, on loopback, at any free port. */
export async function openControl(origin: string | null, token: string | null): Promise<ControlLink> {
  if (origin === null) {
    const { url, room, close } = await startControlRoom({ host: '127.0.0.1', port: 0 });
    return { url: asSocket(url), room, own: true, close };
  }
  const room = await RoomClient.connect({ url: origin, token });
  return { url: asSocket(origin), room, own: false, close: () => room.close() };
}
