// docker-stats as it runs: a Docker engine on a unix socket that a test plays, and a control room that hears.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { accessKey, readSettings, SettingsError } from '@jobstorm/program';
import type { DockerSnapshot } from '@jobstorm/telemetry';
import { FakeRoom, until } from '@jobstorm/testkit';
import { startDockerStats } from '../src/docker-stats.ts';
import { settings } from '../src/docker-stats-config.ts';
import { inspected, listed, statsV1 } from './engine-replies.ts';

class FakeEngine {
  readonly asked: string[] = [];
  readonly #path: string;
  #server: Server | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://engine');
      this.asked.push(`${request.method} ${pathname} ${searchParams}`);
      const reply = this.#reply(pathname);
      response.writeHead(reply === null ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply ?? { message: 'no such container' }));
    });
    await new Promise<void>((listening) => server.listen(this.#path, listening));
    this.#server = server;
  }

  #reply(path: string): unknown {
    if (path === '/info') return { Name: 'rack7', NCPU: 16, MemTotal: 64e9 };
    if (path === '/containers/json') return [listed, { ...listed, Id: 'f'.repeat(64), Names: ['/gone'] }];
    if (!path.startsWith('/containers/a69263de8c41/')) return null;
    return path.endsWith('/stats') ? statsV1 : inspected;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((closed) => (server ? server.close(() => closed()) : closed()));
  }
}

async function stage(t: TestContext, env: Record<string, string> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-engine-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const engine = new FakeEngine(join(dir, 'docker.sock'));
  t.after(() => engine.stop());
  const room = await FakeRoom.start();
  t.after(() => room.close());
  const alive = join(dir, 'alive');
  const argv = ['--control', room.url, '--engine', `unix://${dir}/docker.sock`, '--alive', alive];
  const values = readSettings(settings, argv, env);
  const last = () => room.heard.filter(({ type }) => type === 'docker').at(-1) as DockerSnapshot | undefined;
  const heard = (what: string, look: (snapshot: DockerSnapshot) => boolean) =>
    until(what, () => {
      const snapshot = last();
      return snapshot && look(snapshot) ? snapshot : null;
    });
  return { engine, room, alive, values, heard };
}

test('says what the containers use, and nothing of their environments or arguments', async (t) => {
  const { engine, room, alive, values, heard } = await stage(t, { JOBSTORM_TOKEN: 'sesame' });
  await engine.start();
  const part = await startDockerStats(values);
  t.after(() => part.stop());
  const snapshot = await heard('a container', ({ containers }) => containers.length > 0);
  assert.deepEqual([snapshot.unavailable, snapshot.hostCores, snapshot.hostMemoryBytes], [null, 16, 64e9]);
  const [container, ...others] = snapshot.containers;
  assert.deepEqual(others, [], 'one that is gone by the time it is asked for');
  assert.deepEqual([container?.id, container?.capCores, container?.cpuUs], ['a69263de8c41', 8, 7_301_241]);
  const [hello] = room.hellos;
  assert.deepEqual([hello?.part, hello?.host], ['docker', 'rack7']);
  assert.deepEqual(room.authorizations, ['Bearer sesame']);
  assert.doesNotMatch(JSON.stringify(room.heard), /hunter2|secret-argument|FAKTORY_PASSWORD/);
  assert.ok(statSync(alive).mtimeMs > 0);
  assert.ok(engine.asked.every((line) => line.startsWith('GET ')));
  assert.ok(
    engine.asked.some((line) => /^GET \/containers\/a69263de8c41\/stats stream=false&one-shot=true$/.test(line)),
  );
  assert.ok(engine.asked.some((line) => line.includes(encodeURIComponent('io.jobstorm.part'))));
});

test('an engine that is away, comes and goes', async (t) => {
  const { engine, room, values, heard } = await stage(t, { FAKTORY_PASSWORD: 'pw', JOBSTORM_HOST: 'rack1' });
  const part = await startDockerStats(values);
  t.after(() => part.stop());
  const without = await heard('it to be missed', ({ unavailable }) => unavailable !== null);
  assert.match(without.unavailable ?? '', /^no Docker engine answers at unix:\/\/.*docker\.sock$/);
  assert.ok(without.hostCores > 0 && without.hostMemoryBytes > 0, "this machine's own");
  await engine.start();
  await heard('the engine', ({ unavailable, containers }) => unavailable === null && containers.length === 1);
  await engine.stop();
  const gone = await heard('it to be missed again', ({ unavailable }) => unavailable !== null);
  assert.equal(gone.containers.length, 1, 'as last seen');
  assert.equal(room.hellos[0]?.host, 'rack1');
  assert.deepEqual(room.authorizations, [`Bearer ${accessKey('pw')}`]);
});

test('addresses of engines: a socket, or a host and port', () => {
  const engineOf = (DOCKER_HOST: string) => readSettings(settings, [], { DOCKER_HOST }).engine;
  assert.equal(engineOf('unix:///run/user/1000/docker.sock'), 'unix:///run/user/1000/docker.sock');
  assert.equal(engineOf('tcp://proxy:2375'), 'tcp://proxy:2375');
  for (const wrong of ['ssh://host', 'tcp://host', '/var/run/docker.sock']) {
    assert.throws(() => engineOf(wrong), SettingsError, wrong);
  }
});
