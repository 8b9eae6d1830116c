// What nobody of ours sends, to every door of a control room that asks for a token: nothing of it is taken, its sender is closed with a
// reason, and those who watch hear on.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import { WebSocket } from 'ws';
import type { LiveMessage } from '../src/live-sockets.ts';
import { type ControlRoomServer, startControlRoom } from '../src/server.ts';
import { helloOf, workerSnapshot } from './reports.ts';

const authorization = 'Bearer secret';
const sockets = ['/parts', '/watch', '/feed', '/live'] as const;
const MEBIBYTE = 1 << 20;

describe('a control room among strangers', () => {
  let server: ControlRoomServer;
  const heard: LiveMessage[] = [];
  const open: WebSocket[] = [];

  function connect(path: string, headers: Record<string, string> = { authorization }): WebSocket {
    const socket = new WebSocket(server.url.replace('http', 'ws') + path, { headers });
    open.push(socket);
    return socket;
  }

  before(async () => {
    server = await startControlRoom({ host: '127.0.0.1', port: 0, token: 'secret' });
    const page = connect('/live');
    page.on('message', (data) => heard.push(JSON.parse(data.toString())));
    await once(page, 'open');
  });
  after(async () => {
    for (const socket of open) socket.terminate();
    await server.close();
  });

  async function refusal(path: string, headers: Record<string, string>): Promise<string> {
    const [error] = (await once(connect(path, headers), 'error')) as [Error];
    return error.message;
  }

  for (const path of sockets) {
    it(`${path}: turns away other sites, and who has no token or a wrong one`, async () => {
      assert.match(await refusal(path, { authorization, origin: 'http://evil.example' }), /403/);
      assert.match(await refusal(path, { authorization, host: 'evil.example', origin: server.url }), /403/);
      assert.match(await refusal(path, {}), /401/);
      assert.match(await refusal(path, { authorization: 'Bearer wrong' }), /401/);
      assert.match(
        await refusal(path, { cookie: `jobstorm-${new URL(server.url).port}=1.a.b`, origin: server.url }),
        /401/,
      );
    });
  }

  /** The code and reason with which a socket is closed that says this. */
  async function closedFor(path: string, messages: readonly (string | Buffer)[]): Promise<[number, string]> {
    const socket = connect(path);
    await once(socket, 'open');
    const closed = once(socket, 'close') as Promise<[number, Buffer]>;
    for (const message of messages) socket.send(message, () => {});
    const [code, reason] = await closed;
    return [code, reason.toString()];
  }

  const malformed: [path: string, messages: (string | Buffer)[], code: number, reason: RegExp][] = [
    ['/parts', ['{"type":'], 1008, /not JSON/],
    ['/parts', [JSON.stringify({ ...helloOf('x'), host: 7 })], 1008, /host/],
    ['/parts', [Buffer.from([0, 1, 2])], 1008, /binary/],
    ['/feed', ['['], 1008, /not JSON/],
    ['/feed', ['{"type":"line"}'], 1008, /expected \{type: "feed", run\} first/],
    ['/feed', ['null'], 1008, /expected/],
    ['/feed', ['{"type":"feed","run":"../../etc/passwd"}'], 1008, /expected the id of a run/],
    ['/feed', ['{"type":"feed","run":"r"}', '{"type":"line","number":"0","line":{}}'], 1008, /expected/],
    ['/feed', ['{"type":"feed","run":"r"}', '{"type":"line","number":-1,"line":{"type":"header"}}'], 1008, /expected/],
    ['/feed', ['{"type":"feed","run":"r"}', '{"type":"line","number":0,"line":null}'], 1008, /expected a line/],
    ['/feed', ['x'.repeat(4 * MEBIBYTE + 1)], 1009, /^/],
    ['/parts', ['x'.repeat(32 * MEBIBYTE + 1)], 1009, /^/],
    ['/live', ['x'.repeat(4097)], 1009, /^/],
    ['/watch', ['x'.repeat(4097)], 1009, /^/],
  ];

  for (const [path, messages, code, reason] of malformed) {
    const what = String(messages.at(-1)).slice(0, 60);
    it(`${path}: is not troubled by ${JSON.stringify(what)}`, async () => {
      const [gotCode, gotReason] = await closedFor(path, messages);
      assert.equal(gotCode, code, gotReason);
      assert.match(gotReason, reason);
    });
  }

  const changes: [method: string, path: string][] = [
    ['POST', '/start'],
    ['POST', '/stop'],
    ['POST', '/poll'],
    ['POST', '/parts/w/settings'],
    ['DELETE', '/history/r'],
  ];

  for (const [method, path] of changes) {
    it(`${method} ${path}: only with the token, and from no other site`, async () => {
      const ask = async (headers: Record<string, string>) =>
        (await fetch(server.url + path, { method, headers })).status;
      assert.equal(await ask({}), 401);
      assert.equal(await ask({ authorization: 'Bearer wrong' }), 401);
      assert.equal(await ask({ authorization, origin: 'http://evil.example' }), 403);
    });
  }

  it('POST /start: takes no body that is malformed, too long, or of another kind', async () => {
    const status = async (body: string, type = 'application/json') => {
      const headers = { authorization, 'content-type': type };
      return (await fetch(`${server.url}/start`, { method: 'POST', headers, body })).status;
    };
    assert.equal(await status('{"command":'), 400);
    assert.equal(await status(JSON.stringify({ command: 'x'.repeat(5000) })), 413);
    assert.equal(await status('command=tune', 'application/x-www-form-urlencoded'), 415);
    for (const body of ['[]', '7', 'null', '{"command":{"toString":1}}', '{"command":"tune","flags":7}'])
      assert.equal(await status(body), 400, body);
  });

  it('tells on what is new to who has watched all along', async () => {
    server.room.accept(helloOf('w'));
    server.room.update('w', workerSnapshot());
    await until('the page to hear of it', () => heard.some(({ sections }) => JSON.stringify(sections).includes('"w"')));
  });
});
