// Runs the page's script in a document of a few lines: what a browser does with cookies and the address bar is its own affair.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { until } from '@jobstorm/testkit';
import { pageScript } from '../src/page-script.ts';
import { type ControlRoomServerOptions, startControlRoom } from '../src/server.ts';
import { containerUsage, dockerSnapshot, helloOf, runOf } from './reports.ts';

class FakeElement {
  #text = '';
  hidden = true;
  value = '';
  children: FakeElement[] = [];
  listeners = new Map<string, (event: object) => void>();

  get textContent(): string {
    return this.#text + this.children.map((child) => child.textContent).join('|');
  }

  set textContent(text: string) {
    this.#text = text;
  }

  appendChild(child: FakeElement): FakeElement {
    this.children.push(child);
    return child;
  }

  replaceChildren(...children: FakeElement[]): void {
    this.children = children;
  }

  addEventListener(name: string, listener: (event: object) => void): void {
    this.listeners.set(name, listener);
  }
}

/** A browser's tab at that address. */
class Tab {
  readonly elements = new Map<string, FakeElement>();
  readonly location: { hash: string; pathname: string };
  readonly asked: string[] = [];
  cookie = '';
  #next: (() => void) | null = null;

  constructor(origin: string, hash: string) {
    this.location = { hash, pathname: '/' };
    const fetched = async (path: string, options: RequestInit = {}) => {
      this.asked.push(path);
      const headers = { ...options.headers, ...(this.cookie ? { cookie: this.cookie } : {}) };
      const reply = await fetch(origin + path, { ...options, headers });
      this.cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? this.cookie;
      return reply;
    };
    const context = createContext({
      document: { getElementById: (id: string) => this.byId(id), createElement: () => new FakeElement() },
      location: this.location,
      history: {
        replaceState: () => {
          this.location.hash = '';
        },
      },
      addEventListener: () => {},
      fetch: fetched,
      URLSearchParams,
      setTimeout: (next: () => void) => {
        this.#next = next;
        return 1;
      },
      clearTimeout: () => {},
    });
    runInContext(pageScript, context);
  }

  byId(id: string): FakeElement {
    const element = this.elements.get(id) ?? new FakeElement();
    this.elements.set(id, element);
    return element;
  }

  text(id: string): string {
    return this.byId(id).textContent;
  }

  submit(token: string): void {
    this.byId('token').value = token;
    this.byId('entry').listeners.get('submit')!({ preventDefault: () => {} });
  }

  /** The next second. */
  async tick(): Promise<void> {
    await until('the page follows', () => this.#next !== null);
    const next = this.#next!;
    this.#next = null;
    next();
    await until('the page follows', () => this.#next !== null);
  }
}

describe('the page', () => {
  const cleanups: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  async function opened(hash: string, options: Partial<ControlRoomServerOptions> = {}) {
    const { url, room, close } = await startControlRoom({ host: '127.0.0.1', port: 0, ...options });
    cleanups.push(close);
    return { room, tab: new Tab(url, hash) };
  }

  it('trades the token of its link for a cookie and takes it out of the address bar', async () => {
    const { tab } = await opened('#token=secret', { token: 'secret' });
    await until('the page follows', () => tab.text('state').startsWith('live'));
    assert.equal(tab.location.hash, '');
    assert.match(tab.cookie, /^jobstorm-\d+=/);
    assert.equal(tab.byId('entry').hidden, true);
    assert.equal(tab.byId('figures').hidden, false);
  });

  it('asks for the token when it has none, and again for a wrong one', async () => {
    const { tab } = await opened('', { token: 'secret' });
    await until('the page follows', () => tab.text('state').includes('asks for its token'));
    assert.equal(tab.byId('entry').hidden, false);
    tab.submit('wrong');
    await until('the page follows', () => tab.text('state').includes('not the token'));
    assert.equal(tab.byId('token').value, '', 'it is not left in the page');
    tab.submit('secret');
    await until('the page follows', () => tab.text('state').startsWith('live'));
    assert.equal(tab.byId('entry').hidden, true);
  });

  it('shows the figures at once where no token is asked for', async () => {
    const { tab, room } = await opened('');
    await until('the page follows', () => tab.text('state').startsWith('live'));
    assert.deepEqual(tab.asked, ['/stats']);
    room.accept(helloOf('w'));
    room.update('w', runOf('run 7', [0, 1]).snapshot());
    await tab.tick();
    assert.match(tab.text('runs'), /run 7\|2\|0\|0\|1/);
  });

  it('shows containers against their caps, and says what is not known of them', async () => {
    const { tab, room } = await opened('');
    room.accept({ ...helloOf('d', 'docker'), host: 'server' });
    const later = { readAtMs: 1_002_000, cpuUs: 10_000_000, periods: 120, throttledPeriods: 45 };
    for (const changes of [{}, later]) room.update('d', dockerSnapshot([containerUsage(changes)]));
    await tab.tick();
    assert.match(tab.text('containers'), /faktory\|server\|running\|1\.5\|2\|75%\|25%\|57\|–/);
    assert.equal(tab.text('hosts'), '');
    room.update('d', dockerSnapshot([containerUsage(later)], { unavailable: 'no permission' }));
    await tab.tick();
    assert.equal(tab.text('hosts'), 'server: its containers are not read: no permission');
    room.gone('d');
    await tab.tick();
    assert.match(tab.text('hosts'), /server: its docker-stats has gone; .* as they were at /);
    assert.match(tab.text('containers'), /faktory\|server\|not known\|–\|2\|–/);
  });
});
