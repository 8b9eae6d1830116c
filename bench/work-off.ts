// The leanest of workers: fetches over one connection, a window of FETCHes ahead, and acknowledges at once. It looks for nothing
// in a job but its jid, so that what is measured with it is the server.

import type { RawConnection } from '@jobstorm/testkit';
import { jidLength, queue, seqOf } from './backlog.ts';

export interface WorkOptions {
  /** Jobs to fetch; it ends once they are acknowledged. */
  jobs: number;
  /** FETCHes ahead. */
  window: number;
  /** The queues named, with a blank between each two. */
  queues?: string;
  /** Acknowledge over this one: when FETCHes will wait for jobs, ACKs must not stand behind them. */
  acks?: RawConnection;
  /** Hears of each job as it comes in. */
  onJob?(seq: number): void;
  /** False: the job is left reserved. */
  isAcked?(seq: number): boolean;
}

const jidStart = '"jid":"';
/** No command: its answer says that all before it were answered. */
const last = 'DONE';

/** Resolves once the jobs were fetched and their ACKs answered. The connections are of no use afterwards. */
export function workOff(connection: RawConnection, options: WorkOptions): Promise<void> {
  const { jobs, window, queues = queue, acks = connection, onJob, isAcked } = options;
  const fetchLine = Buffer.from(`FETCH ${queues}\r\n`);
  let [asked, fetched, rest] = [0, 0, ''];
  const ask = (count: number) => {
    const more = Math.min(count, jobs - asked);
    asked += more;
    if (more > 0) connection.send(Buffer.concat(new Array<Buffer>(more).fill(fetchLine)));
  };
  const take = (text: string): string => {
    let [lines, at] = ['', 0];
    const before = fetched;
    for (let start = text.indexOf(jidStart); start >= 0; start = text.indexOf(jidStart, at)) {
      const end = start + jidStart.length + jidLength;
      if (end > text.length) break;
      const jid = text.slice(start + jidStart.length, end);
      at = end;
      fetched++;
      onJob?.(seqOf(jid));
      if (!isAcked || isAcked(seqOf(jid))) lines += `ACK {"jid":"${jid}"}\r\n`;
    }
    if (fetched === jobs && before < jobs) lines += `${last}\r\n`;
    if (lines !== '') acks.send(lines);
    ask(fetched - before);
    // As much as may be the beginning of the next jid.
    return text.slice(Math.max(at, text.length - jidStart.length - jidLength));
  };
  return new Promise((resolve, reject) => {
    const isDone = (text: string) => fetched === jobs && text.includes(`unknown command ${last}`);
    const onData = (chunk: Buffer) => {
      const text = rest + chunk.toString('latin1');
      rest = take(text);
      if (isDone(text)) resolve();
    };
    for (const each of new Set([connection, acks])) {
      each.socket.removeAllListeners('data').once('close', () => reject(new Error('the server closed a connection')));
    }
    connection.socket.on('data', onData);
    if (acks !== connection) acks.socket.on('data', (chunk: Buffer) => isDone(chunk.toString('latin1')) && resolve());
    ask(window);
  });
}
