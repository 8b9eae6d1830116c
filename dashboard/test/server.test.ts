import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { accessKey, SettingsError } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import { watchLeaks } from '@jobstorm/testkit';
import { WebSocket } from 'ws';
import { RunView } from '../src/run-view.ts';
import { type ControlRoomServerOptions, startControlRoom } from '../src/server.ts';
import { helloOf, runOf } from './reports.ts';

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

function ask(url: string, { body, ...options }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, ...options }, async (reply) => {
      let text = '';
      for await (const chunk of reply) text += chunk;
      resolve({ status: reply.statusCode!, headers: reply.headers, text });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('the control room over HTTP', () => {
  const cleanups: (() => Promise<void>)[] = [];
  after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  async function started(options: Partial<ControlRoomServerOptions> = {}) {
    const server = await startControlRoom({ host: '127.0.0.1', port: 0, ...options });
    cleanups.push(server.close);
    return server;
  }

  it('says who it is', async () => {
    const { url } = await started();
    const { status, text } = await ask(`${url}/health`);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(JSON.parse(text)), ['name', 'part', 'version', 'jobServer', 'atUs']);
    assert.equal(JSON.parse(text).jobServer, null);
    assert.equal(JSON.parse(text).name, 'jobstorm');
    assert.equal(JSON.parse(text).part, 'dashboard');
  });

  it('names its job server without the password, and says whether that one answers', async () => {
    const { url } = await started({ url: 'tcp://:hush@127.0.0.1:1' });
    const { text } = await ask(`${url}/health`);
    assert.deepEqual(JSON.parse(text).jobServer, { answers: false, address: 'tcp://127.0.0.1:1' });
  });

  it('gives its numbers and its runs', async () => {
    const { url, room } = await started();
    room.accept(helloOf('a'));
    const run = 'r/1 ü'.padEnd(200, 'x');
    room.update('a', runOf(run, [0, 2]).snapshot());
    const stats = JSON.parse((await ask(`${url}/stats`)).text);
    assert.equal(stats.parts[0].id, 'a');
    assert.equal(stats.runs[0].completed, 2);
    assert.equal(stats.server, null);
    const view = new RunView(JSON.parse((await ask(`${url}/runs/${encodeURIComponent(run)}`)).text));
    assert.deepEqual(view.missing(3), [{ from: 1, to: 1 }]);
    assert.equal((await ask(`${url}/runs/other`)).status, 404);
    assert.equal((await ask(`${url}/nowhere`)).status, 404);
  });

  it('polls its parts and answers when they have', async () => {
    const { url, room } = await started();
    room.accept(helloOf('a'), { poll: () => room.update('a', runOf('r', [0]).snapshot()) });
    assert.equal((await ask(`${url}/poll`, { method: 'POST' })).status, 204);
    assert.equal(room.run('r')!.completed, 1);
  });

  const settingsOf = async (url: string, id: string, wanted: unknown, headers: Record<string, string> = {}) => {
    const { status, text } = await ask(`${url}/parts/${encodeURIComponent(id)}/settings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof wanted === 'string' ? wanted : JSON.stringify(wanted),
    });
    return { status, ...JSON.parse(text) };
  };

  it('carries settings to a part and says what became of them', async () => {
    const { url, room } = await started();
    const told: unknown[] = [];
    room.accept(helloOf('w/1'), {
      configure: ({ number, worker }) => {
        told.push(worker);
        const refusal = worker?.slots === 0 ? 'slots: got 0' : null;
        room.settled('w/1', { type: 'settings', number, inForce: { slots: 5 }, refusal });
      },
    });
    const good = await settingsOf(url, 'w/1', { slots: 5, queues: ['a:2'] });
    assert.deepEqual(good, { status: 200, inForce: { slots: 5 }, refusal: null });
    const look = await settingsOf(url, 'group of w/1', {});
    assert.deepEqual(look, good, 'a group is a whole worker, and {} only looks');
    assert.deepEqual(await settingsOf(url, 'w/1', { slots: 0 }), { ...good, status: 409, refusal: 'slots: got 0' });
    assert.deepEqual(told, [{ slots: 5, queues: ['a:2'] }, {}, { slots: 0 }]);
  });

  const refusals: [string, string, unknown, number, RegExp][] = [
    ['of a part that is not there', 'nobody', { slots: 5 }, 404, /no part of that id/],
    [
      'that it does not have',
      'w',
      { slotz: 5 },
      400,
      /"slotz" is no setting: this part takes slots, processes, queues/,
    ],
    ['of another kind of part', 'a', { slots: 5 }, 400, /"slots" is no setting: this part takes batchMaxSize/],
    ['by a name that objects have', 'w', { constructor: 5 }, 400, /"constructor" is no setting/],
    ['of the wrong kind', 'w', { slots: '5' }, 400, /slots: got "5", expected a whole number/],
    ['in a list that is none', 'w', { queues: 'a' }, 400, /queues: got "a", expected a list of texts/],
    ['as a list', 'w', [5], 400, /expected an object of settings/],
    ['of a part without any', 'd', {}, 400, /docker-stats has no settings/],
    ['that is no JSON', 'w', '{', 400, /JSON/],
  ];
  for (const [name, id, wanted, status, expected] of refusals) {
    it(`refuses a setting ${name}, and tells nobody`, async () => {
      const { url, room } = await started();
      const configure = () => assert.fail('it was told');
      room.accept(helloOf('w'), { configure });
      room.accept(helloOf('a', 'api'), { configure });
      room.accept(helloOf('d', 'docker'), { configure });
      const refused = await settingsOf(url, id, wanted);
      assert.equal(refused.status, status);
      assert.match(`${refused.error}${refused.message ?? ''}`, expected);
    });
  }

  it('changes settings for nobody without the token, or from another site', async () => {
    const { url, room } = await started({ token: 'secret' });
    room.accept(helloOf('w'), {
      configure: ({ number }) => room.settled('w', { type: 'settings', number, inForce: {}, refusal: null }),
    });
    const authorization = 'Bearer secret';
    assert.equal((await settingsOf(url, 'w', {})).status, 401);
    assert.equal((await settingsOf(url, 'w', {}, { authorization: 'Bearer wrong' })).status, 401);
    assert.equal((await settingsOf(url, 'w', {}, { authorization, origin: 'http://evil.example' })).status, 403);
    assert.equal((await settingsOf(url, 'w', {}, { authorization })).status, 200);
  });

  it('has a page without inline scripts, and all that it needs', async () => {
    const { url } = await started({ token: 'secret' });
    const { status, headers, text } = await ask(`${url}/`);
    assert.equal(status, 200);
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
    assert.doesNotMatch(text, /<script>|<style|\son\w+=/);
    let packedBytes = gzipSync(text).length;
    for (const [, path] of text.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      const file = await ask(url + path);
      assert.equal(file.status, 200, path);
      packedBytes += gzipSync(file.text).length;
    }
    assert.ok(packedBytes < 150_000, `${packedBytes} bytes, gzipped`);
    const script = (await ask(`${url}/page.js`)).text;
    new Function(script);
    assert.doesNotMatch(script, /innerHTML|insertAdjacentHTML|document\.write/);
  });

  it('turns away other sites and foreign names', async () => {
    const { url } = await started();
    for (const headers of [{ origin: 'http://evil.example' }, { host: 'evil.example' }]) {
      for (const [method, path] of [
        ['GET', '/stats'],
        ['GET', '/health'],
        ['POST', '/poll'],
        ['GET', '/'],
      ] as const) {
        assert.equal((await ask(url + path, { method, headers })).status, 403, `${method} ${path}`);
      }
    }
  });

  it('asks for its token everywhere but at /health and the page', async () => {
    const { url } = await started({ token: 'secret' });
    for (const [method, path] of [
      ['GET', '/stats'],
      ['GET', '/runs/r'],
      ['GET', '/runs/r/pulse'],
      ['POST', '/poll'],
      ['GET', '/health/'],
      ['GET', '/nowhere'],
    ] as const) {
      assert.equal((await ask(url + path, { method })).status, 401, path);
    }
    assert.equal((await ask(`${url}/health`)).status, 200);
    assert.equal((await ask(`${url}/stats`, { headers: { authorization: 'Bearer secret' } })).status, 200);
  });

  it("takes the key of the job server's password, its URL's own before the other", async () => {
    const headers = { authorization: `Bearer ${accessKey('own')}` };
    const one = await started({ token: 'secret', url: 'tcp://:own@127.0.0.1:1', password: 'other' });
    assert.equal((await ask(`${one.url}/stats`, { headers })).status, 200);
    const two = await started({ token: 'secret', password: 'own' });
    assert.equal((await ask(`${two.url}/stats`, { headers })).status, 200);
    const three = await started({ token: 'secret', url: 'tcp://127.0.0.1:1' });
    assert.equal((await ask(`${three.url}/stats`, { headers })).status, 401);
  });

  it('trades the token for a cookie that opens everything to its own page', async () => {
    const { url } = await started({ token: 'secret' });
    const enter = (body: string) =>
      ask(`${url}/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    for (const wrong of ['{"token":"wrong"}', '{}', 'null', '[]', '{"token":null}']) {
      const { status, headers } = await enter(wrong);
      assert.equal(status, 401, wrong);
      assert.equal(headers['set-cookie'], undefined);
    }
    const { status, headers } = await enter('{"token":"secret"}');
    assert.equal(status, 204);
    const cookie = String(headers['set-cookie']).split(';')[0]!;
    assert.equal((await ask(`${url}/stats`, { headers: { cookie } })).status, 200);
    assert.equal((await ask(`${url}/poll`, { method: 'POST', headers: { cookie } })).status, 403);
    assert.equal((await ask(`${url}/poll`, { method: 'POST', headers: { cookie, origin: url } })).status, 204);
    const socketUrl = `${url.replace('http', 'ws')}/watch`;
    const watching = new WebSocket(socketUrl, { headers: { cookie, origin: url } });
    await once(watching, 'open');
    watching.terminate();
    const [error] = await once(new WebSocket(socketUrl, { headers: { cookie } }), 'error');
    assert.match(String(error), /403/);
  });

  it('needs no session where no token is asked for', async () => {
    const { url } = await started();
    const headers = { 'content-type': 'application/json' };
    const reply = await ask(`${url}/session`, { method: 'POST', headers, body: '{"token":"any"}' });
    assert.equal(reply.status, 204);
    assert.equal(reply.headers['set-cookie'], undefined);
  });

  it('says which port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await assert.rejects(startControlRoom({ host: '127.0.0.1', port }), (error: unknown) => {
      assert.ok(error instanceof JobstormError && error.code === 'EADDRINUSE');
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port} is taken`));
      return true;
    });
    other.close();
  });

  it('does not start where others could reach it without a token', async () => {
    await assert.rejects(startControlRoom({ host: '0.0.0.0', port: 0 }), SettingsError);
  });

  it('starts there when it is to be open, with a warning, and answers to any name', async () => {
    const { url, warning } = await started({ host: '0.0.0.0', open: true });
    assert.match(warning!, /JOBSTORM_OPEN is set and JOBSTORM_TOKEN is not/);
    const { port } = new URL(url);
    const at = `http://127.0.0.1:${port}`;
    assert.equal((await ask(`${at}/stats`, { headers: { host: 'room.example' } })).status, 200);
    const headers = { host: 'room.example', origin: 'http://evil.example' };
    assert.equal((await ask(`${at}/stats`, { headers })).status, 403);
    assert.equal((await started({ token: 'secret', open: true })).warning, null);
  });

  it('leaves nothing behind, whoever is connected', async () => {
    const leaks = watchLeaks();
    const { url, close } = await startControlRoom({ host: '127.0.0.1', port: 0, url: 'tcp://127.0.0.1:1' });
    const sockets = ['/parts', '/watch'].map((path) => new WebSocket(url.replace('http', 'ws') + path));
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    const gone = sockets.map((socket) => once(socket, 'close'));
    await close();
    await Promise.all(gone);
    await leaks.settle();
  });
});
