// kill -9 of a real server under load, again and again, and of workers in between, as Jepsen's total queue has it: every job whose
// push was answered comes out in the end, none comes out that nobody pushed, and how many came out twice is told.
// JOBSTORM_TEST_FULL=1: 50 times.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RawConnection, watchLeaks } from '@jobstorm/testkit';
import { ServerProcess, withFolder } from './server-process.ts';

const isFull = process.env.JOBSTORM_TEST_FULL === '1';
const kills = isFull ? 50 : 4;
const queues = ['high', 'low'];

const jidOf = (reply: string) => /"jid":"([^"]*)"/.exec(reply)?.[1] ?? '';

/** What became of each job, by jid. */
class Ledger {
  /** Sent; the answer may be missing. */
  readonly pushed = new Set<string>();
  /** Answered with OK. */
  readonly accepted = new Set<string>();
  /** Handed out, how often. */
  readonly fetched = new Map<string, number>();
  /** ACKs answered with OK. */
  readonly acknowledged = new Set<string>();
  /** Handed out again though their ACK was answered. */
  readonly risen = new Set<string>();

  /** Handed out, and pushed by nobody. */
  readonly unexpected = new Set<string>();
  killedWorkers = 0;

  take(jid: string): string {
    if (!this.pushed.has(jid)) this.unexpected.add(jid);
    if (this.acknowledged.has(jid)) this.risen.add(jid);
    this.fetched.set(jid, (this.fetched.get(jid) ?? 0) + 1);
    return jid;
  }
}

let serial = 0;

/** Pushes, one by one and in bulk, until the connection ends. */
async function produce(port: number, ledger: Ledger): Promise<void> {
  const connection = await RawConnection.greeted({ port });
  for (;;) {
    const jids = Array.from({ length: serial % 3 === 0 ? 50 : 1 }, () => `job-${100_000 + serial++}`);
    const job = (jid: string) => `{"jid":"${jid}","jobtype":"t","queue":"${queues[serial % 2]}","args":[${serial}]}`;
    for (const jid of jids) ledger.pushed.add(jid);
    const line = jids.length === 1 ? `PUSH ${job(jids[0]!)}` : `PUSHB [${jids.map(job).join()}]`;
    const reply = await connection.call(line);
    if (reply === null) return connection.destroy();
    assert.ok(reply === '+OK' || reply === '$2\r\n{}', reply);
    for (const jid of jids) ledger.accepted.add(jid);
  }
}

/** Fetches and acknowledges until the connection ends or, at the end of it all, nothing is left. */
async function consume(port: number, ledger: Ledger, untilEmpty: boolean): Promise<void> {
  // A worker that sends no BEAT is dropped after a minute, and the end of it all may take longer.
  const worker = untilEmpty ? {} : { wid: `w${Math.random()}`, hostname: 'h', pid: 1, labels: [] };
  const connection = await RawConnection.greeted({ port }, worker);
  for (;;) {
    const reply = await connection.call(`FETCH ${queues.join(' ')}`);
    assert.ok(reply !== null || !untilEmpty, 'the connection ended before the queues were empty');
    if (reply === null || (reply === '$-1' && untilEmpty)) return connection.destroy();
    if (reply === '$-1') continue;
    const jid = ledger.take(jidOf(reply));
    const answer = await connection.call(`ACK {"jid":"${jid}"}`);
    if (answer === null) return connection.destroy();
    assert.equal(answer, '+OK');
    ledger.acknowledged.add(jid);
  }
}

const workerProgram = fileURLToPath(new URL('worker-process.mjs', import.meta.url));

/** A worker in a process of its own, killed once it has done a few jobs. It ends when its server is gone, too. */
async function consumeAndDie(port: number, ledger: Ledger, jobs: number): Promise<void> {
  const worker = spawn(process.execPath, [workerProgram, String(port), ...queues], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(worker, 'exit');
  let left = jobs;
  worker.on('message', (told: { fetched?: string; acknowledged?: string }) => {
    if (told.acknowledged !== undefined) ledger.acknowledged.add(told.acknowledged);
    if (told.fetched === undefined) return;
    ledger.take(told.fetched);
    left--;
    if (left === 0 && worker.kill('SIGKILL')) ledger.killedWorkers++;
  });
  // What it has told comes behind its end.
  await Promise.all([gone, once(worker, 'disconnect')]);
}

test('nothing that was answered is lost, however often the server is killed under load', async (t) => {
  const leaks = watchLeaks();
  await withFolder(async (folder) => {
    const ledger = new Ledger();
    let foundAgain = 0;
    for (let round = 0; round < kills; round++) {
      const server = await ServerProcess.start(folder);
      foundAgain += Number(/(\d+) jobs? found again/.exec(server.said)?.[1]);
      assert.doesNotMatch(server.said, /damaged/);
      const [before, killedBefore] = [ledger.accepted.size, ledger.killedWorkers];
      const producers = Array.from({ length: 4 }, () => produce(server.port, ledger));
      const consumers = Array.from({ length: 2 }, () => consume(server.port, ledger, false));
      const mortals = Array.from({ length: 2 }, (_, i) => consumeAndDie(server.port, ledger, 5 + ((round + i) % 40)));
      const load = Promise.all([...producers, ...consumers]);
      // Some work and a worker's death, and then anywhere in it.
      const enough = before + 500 + ((round * 367) % 1000);
      while (ledger.accepted.size < enough || ledger.killedWorkers === killedBefore) await new Promise(setImmediate);
      await server.kill();
      await load;
      await Promise.all(mortals);
    }
    const server = await ServerProcess.start(folder);
    await consume(server.port, ledger, true);
    await server.kill();
    const { pushed, accepted, acknowledged, fetched, unexpected, killedWorkers } = ledger;
    const lost = [...accepted].filter((jid) => !fetched.has(jid));
    const recovered = [...fetched.keys()].filter((jid) => pushed.has(jid) && !accepted.has(jid)).length;
    const duplicated = [...fetched.values()].filter((times) => times > 1).length;
    t.diagnostic(
      `crashes: ${kills} of the server, ${killedWorkers} of workers; pushed ${pushed.size}, of which acknowledged ${accepted.size}; ` +
        `lost ${lost.length}, unexpected ${unexpected.size}, duplicated ${duplicated}, recovered ${recovered} ` +
        `(came out though their push was not answered); ACKs answered ${acknowledged.size}; found again at starts ${foundAgain}`,
    );
    assert.deepEqual(lost, []);
    assert.deepEqual([...unexpected], []);
    assert.deepEqual([...ledger.risen], [], 'acknowledged jobs came back');
    assert.ok(killedWorkers > 0);
    assert.ok(foundAgain > 0);
  });
  await leaks.settle();
});

test('a million jobs are there again after a kill -9, in their order', async (t) => {
  const leaks = watchLeaks();
  await withFolder(async (folder) => {
    const jobs = 1_000_000;
    const size = 1000;
    const first = await ServerProcess.start(folder);
    const producer = await RawConnection.greeted(first);
    const lines = (from: number) => {
      const each = Array.from(
        { length: size },
        (_, i) => `{"jid":"job-${from + i}","jobtype":"t","queue":"q","args":[]}`,
      );
      return `PUSHB [${each.join()}]\r\n`;
    };
    let answered = 0;
    for (let from = 0; from < jobs; from += size) {
      producer.send(lines(10_000_000 + from));
      if (from >= 4 * size && (await producer.reply(60_000)) === '$2\r\n{}') answered++;
    }
    while (answered < jobs / size && (await producer.reply(60_000)) === '$2\r\n{}') answered++;
    assert.equal(answered, jobs / size);
    await first.kill();
    producer.destroy();
    const second = await ServerProcess.start(folder);
    t.diagnostic(second.said.trim());
    assert.match(second.said, /1000000 jobs found again/);
    const consumer = await RawConnection.greeted(second);
    const info = JSON.parse((await consumer.call('INFO'))!.split('\r\n')[1]!);
    assert.equal(info.faktory.queues.q, jobs);
    // A sample from the front, since to fetch all of them takes longer than all the rest; in full the whole million.
    const fetched = isFull ? jobs : 20_000;
    for (let from = 0; from < fetched; from += size) {
      consumer.send('FETCH q\r\n'.repeat(size));
      for (let i = 0; i < size; i++) assert.equal(jidOf((await consumer.reply())!), `job-${10_000_000 + from + i}`);
    }
    consumer.destroy();
    await second.kill();
  });
  await leaks.settle();
});
