import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, describe, it } from 'node:test';
import { JobstormError, type ServerInfo } from '@jobstorm/protocol';
import { FakeServer, freePort, watchLeaks } from '@jobstorm/testkit';
import { describeServer, ServerWatch } from '../src/server-watch.ts';
import type { ServerView } from '../src/view.ts';

const info: ServerInfo = {
  now: '2026-01-01T00:00:00Z',
  server_utc_time: '00:00:00 UTC',
  faktory: {
    queues: { jobstorm: 5, other: 2 },
    sets: { dead: 1, retries: 2, scheduled: 3, working: 4 },
    tasks: { Busy: { reaped: 0, size: 9 }, Dead: { size: 77 } },
    total_failures: 0,
    total_processed: 0,
    total_enqueued: 7,
    total_queues: 2,
  },
  server: {
    description: 'Faktory',
    faktory_version: '1.10.0',
    uptime: 1,
    connections: 6,
    command_count: 1,
    used_memory_mb: 1,
  },
};

function bulk(value: unknown): string {
  const text = JSON.stringify(value);
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

describe('ServerWatch', () => {
  const cleanups: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  function watched(url: string) {
    const views = new EventEmitter();
    const watch = new ServerWatch(url, (view) => views.emit('view', view), { intervalMs: 5, now: () => 42 });
    cleanups.push(() => watch.close());
    const next = async (): Promise<ServerView> => (await once(views, 'view'))[0];
    return { watch, next };
  }

  it('shows the figures of INFO, never the password', async () => {
    const server = await FakeServer.start({ script: (line) => (line === 'INFO' ? bulk(info) : undefined) });
    cleanups.push(() => server.close());
    const { next } = watched(`tcp://:hidden@127.0.0.1:${server.port}`);
    assert.deepEqual(await next(), {
      url: `tcp://127.0.0.1:${server.port}`,
      connected: true,
      sampledAtMs: 42,
      version: '1.10.0',
      enqueued: 7,
      queues: { jobstorm: 5, other: 2 },
      working: 9,
      scheduled: 3,
      retries: 2,
      dead: 1,
      connections: 6,
    });
  });

  it('keeps the last figures of a server that went away, and says so', async () => {
    let answers = 0;
    const server = await FakeServer.start({
      script: (line) => {
        if (line !== 'INFO') return undefined;
        return ++answers === 1 ? bulk(info) : { after: 'reset' };
      },
    });
    cleanups.push(() => server.close());
    const { next } = watched(`127.0.0.1:${server.port}`);
    assert.equal((await next()).connected, true);
    const away = await next();
    assert.equal(away.connected, false);
    assert.equal(away.enqueued, 7);
    assert.equal(away.sampledAtMs, 42);
  });

  it('bears an INFO that is none', async () => {
    const server = await FakeServer.start({ script: (line) => (line === 'INFO' ? bulk({ faktory: 1 }) : undefined) });
    cleanups.push(() => server.close());
    const view = await watched(`127.0.0.1:${server.port}`).next();
    assert.equal(view.connected, false);
    assert.equal(view.enqueued, null);
  });

  it('has no figures of a server that was never there, and ends at once', async () => {
    const leaks = watchLeaks();
    const views: ServerView[] = [];
    const watch = new ServerWatch(`127.0.0.1:${await freePort()}`, (view) => views.push(view));
    await watch.close();
    await leaks.settle();
    assert.deepEqual(views, []);
  });

  it('refuses an address that is none', () => {
    assert.throws(() => new ServerWatch('http://x', () => {}), JobstormError);
  });

  it('takes the sizes from wherever this Faktory has them', () => {
    const { sets: _, ...faktory } = info.faktory;
    const { dead, retries, working } = describeServer('x', { ...info, faktory }, 1);
    assert.deepEqual({ dead, retries, working }, { dead: 77, retries: null, working: 9 });
  });
});
