import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startControlRoom } from '@jobstorm/dashboard';
import type { StreamLine } from '@jobstorm/loadtest';
import { FaultProxy, until, watchLeaks } from '@jobstorm/testkit';
import { FeedLink } from '../src/feed-link.ts';

const line = (value: object) => value as StreamLine;
const header = line({ type: 'header', run: { id: 'r1', startedAt: '2026-11-27T20:00:00Z', command: 'jobstorm' } });
const mark = (atS: number) => line({ type: 'mark', atS, what: 'something' });
const end = line({ type: 'end', result: { valid: true } });

interface Brief {
  lines: number;
  ended: boolean;
}

async function briefAt(url: string): Promise<Brief | undefined> {
  const { runs } = (await (await fetch(`${url}/history`)).json()) as { runs: Brief[] };
  return runs[0];
}

describe('a run told to a control room', () => {
  it('is there whole once it is closed', async () => {
    const leaks = watchLeaks();
    const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
    const feed = new FeedLink({ room: room.url, token: null, run: 'r1' });
    for (const each of [header, mark(1), mark(2), end]) feed.tell(each);
    await feed.close();
    const brief = await briefAt(room.url);
    await room.close();
    assert.equal(brief?.lines, 4);
    assert.equal(brief?.ended, true);
    await leaks.settle();
  });

  it('loses no line and doubles none when the room was away in between', async () => {
    const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
    const proxy = await FaultProxy.start({ port: Number(new URL(room.url).port) });
    const feed = new FeedLink({ room: `http://127.0.0.1:${proxy.port}`, token: null, run: 'r1' });
    feed.tell(header);
    feed.tell(mark(1));
    await until('the first lines to arrive', async () => (await briefAt(room.url))?.lines === 2);
    proxy.reset();
    for (let at = 2; at < 20; at++) feed.tell(mark(at));
    feed.tell(end);
    await until('the rest to arrive', async () => (await briefAt(room.url))?.ended === true, { timeoutMs: 10_000 });
    const text = await (await fetch(`${room.url}/history/r1`)).text();
    const marks = text.split('\n').filter((each) => each.includes('"mark"'));
    assert.deepEqual(
      marks.map((each) => JSON.parse(each).atS),
      Array.from({ length: 19 }, (_, at) => at + 1),
    );
    await feed.close();
    await proxy.close();
    await room.close();
  });

  it('does not wait for a room that is not there', async () => {
    const room = await startControlRoom({ host: '127.0.0.1', port: 0 });
    await room.close();
    const feed = new FeedLink({ room: room.url, token: null, run: 'r1' });
    feed.tell(header);
    await feed.close();
  });
});
