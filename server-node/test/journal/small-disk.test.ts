// A real file system that is full: a tmpfs of a few segments, and the program as it is run. Pushes are refused and told why, ACKs go
// on, a kill -9 in the middle of it costs nothing, and once there is room jobs are taken again.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RawConnection, until, watchLeaks } from '@jobstorm/testkit';
import { ServerProcess, withFolder } from './server-process.ts';

const sizeMiB = 72;
const ballastBytes = 20 * 1024 * 1024;

/** Why none can be mounted; null: one is. */
function mountTmpfs(folder: string): string | null {
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', folder]);
  return status === 0 ? null : `a tmpfs can't be mounted here (${error?.message ?? String(stderr).trim()})`;
}

async function withSmallDisk(t: TestContext, work: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const whyNot = mountTmpfs(folder);
    if (whyNot) return t.skip(whyNot);
    try {
      await work(folder);
    } finally {
      assert.equal(spawnSync('umount', ['--lazy', folder]).status, 0);
    }
  });
}

class Client {
  readonly connection: RawConnection;
  readonly #held: Set<string>;

  constructor(connection: RawConnection, held: Set<string>) {
    this.connection = connection;
    this.#held = held;
  }

  /** Pushes so many jobs of a kilobyte; why they were refused, or null. Those that were taken are held. */
  async push(serial: number, count: number): Promise<string | null> {
    const jids = Array.from({ length: count }, (_, i) => `job-${1_000_000 + serial + i}`);
    const each = jids.map((jid) => `{"jid":"${jid}","jobtype":"t","args":["${'z'.repeat(900)}"]}`);
    const reply = await this.connection.call(`PUSHB [${each.join()}]`);
    const refused = JSON.parse(reply!.split('\r\n')[1]!) as Record<string, string>;
    for (const jid of jids) if (!(jid in refused)) this.#held.add(jid);
    return Object.values(refused)[0] ?? null;
  }

  /** Takes so many jobs, or all that there are if they are less, and ends them; how many. */
  async work(count: number): Promise<number> {
    const { connection } = this;
    connection.send('FETCH default\r\n'.repeat(count));
    const jids = [];
    for (let i = 0; i < count; i++) jids.push(/"jid":"([^"]*)"/.exec((await connection.reply())!)?.[1]);
    const found = jids.filter((jid) => jid !== undefined);
    for (const jid of found) assert.ok(this.#held.delete(jid), `${jid} came out, which was not taken or is done`);
    connection.send(found.map((jid) => `ACK {"jid":"${jid}"}\r\n`).join(''));
    for (const _ of found) assert.equal(await connection.reply(), '+OK');
    return found.length;
  }

  /** Pushes until it is refused. */
  async fill(serial: number): Promise<string> {
    for (let at = serial; at < serial + 200_000; at += 500) {
      const refusal = await this.push(at, 500);
      if (refusal !== null) return refusal;
    }
    throw new Error('the disk never was full');
  }
}

test('a full file system refuses jobs, loses none, and takes them again once there is room', async (t) => {
  const leaks = watchLeaks();
  await withSmallDisk(t, async (folder) => {
    const ballast = join(folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(ballastBytes));
    /** Taken, and not done. */
    const held = new Set<string>();
    let server = await ServerProcess.start(folder);
    let client = new Client(await RawConnection.greeted(server), held);
    const refusal = await client.fill(0);
    assert.match(
      refusal,
      /^the job was not taken, because it can't be stored: ENOSPC.*; push it again when there is room$/,
    );
    assert.ok(held.size > 20_000, `${held.size} were taken`);
    assert.ok(statfsSync(folder).bavail * statfsSync(folder).bsize < 16 * 1024 * 1024);
    assert.match(server.said, /no room can be made for the journal \(ENOSPC/);
    // Who has jobs can end them, and a push alone hears the same.
    assert.equal(await client.work(500), 500);
    assert.match(
      (await client.connection.call('PUSH {"jid":"job-alone","jobtype":"t","args":[]}'))!,
      /^-ERR the job was not taken/,
    );
    await server.kill();
    client.connection.destroy();
    // The next one takes what room there is: jobs can end, though none come in.
    server = await ServerProcess.start(folder);
    assert.match(server.said, new RegExp(`${held.size} jobs found again`));
    client = new Client(await RawConnection.greeted(server), held);
    assert.equal(await client.work(500), 500);
    assert.match(await client.fill(400_000), /^the job was not taken/);
    await server.kill();
    client.connection.destroy();
    // Where there is none at all a start is refused, in words, and nothing is touched.
    assert.throws(() => writeFileSync(join(folder, 'more'), Buffer.alloc(sizeMiB * 1024 * 1024)), { code: 'ENOSPC' });
    await assert.rejects(ServerProcess.start(folder), /its disk is full/);
    rmSync(join(folder, 'more'));
    rmSync(ballast);
    server = await ServerProcess.start(folder);
    assert.match(server.said, new RegExp(`${held.size} jobs found again`));
    client = new Client(await RawConnection.greeted(server), held);
    assert.equal(await client.push(500_000, 10), null);
    // Full again, it makes its own room out of the jobs that end.
    await client.fill(600_000);
    const taken = held.size;
    while (held.size > taken / 2) assert.equal(await client.work(500), 500);
    await until('room of its own', async () => (await client.push(900_000 + held.size, 1)) === null, {
      timeoutMs: 30_000,
    });
    await server.kill();
    client.connection.destroy();
    server = await ServerProcess.start(folder);
    client = new Client(await RawConnection.greeted(server), held);
    t.diagnostic(
      `${taken} jobs taken on a file system of ${sizeMiB} MiB; ${held.size} left to come out after the last kill`,
    );
    while (held.size > 0) {
      const count = Math.min(held.size, 500);
      assert.equal(await client.work(count), count, `${held.size} jobs are lost`);
    }
    await server.kill();
    client.connection.destroy();
  });
  await leaks.settle();
});
