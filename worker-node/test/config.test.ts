import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, SettingsError } from '@jobstorm/program';
import fc from 'fast-check';
import { changedTask, measureGrant, planWorker, table } from '../src/config.ts';
import { shareOut } from '../src/worker-task.ts';

const read = (argv: string[] = [], env: Record<string, string> = {}) => readSettings(table, argv, env);
const plan = (argv: string[] = [], cores = 8, env: Record<string, string> = {}) =>
  planWorker(read(argv, env), { cores, quotaCores: null });

test('the defaults are those of the tuning guide', () => {
  const settings = read();
  assert.equal(settings.concurrency, 2000);
  assert.equal(settings.cpus, 4);
  assert.deepEqual(settings.queues, ['jobstorm']);
  assert.equal(settings.engine, 'pipelined');
  assert.deepEqual(plan().address, { host: '127.0.0.1', port: 7419, password: null });
});

test('arguments go before the environment', () => {
  const env = { WORKER_CONCURRENCY: '10', WORKER_CPUS: '1.5', FAKTORY_SERVER_IP: 'one', FAKTORY_URL: 'tcp://two:1' };
  assert.equal(read([], env).concurrency, 10);
  assert.equal(read([], env).cpus, 1.5);
  assert.equal(read(['20', '3'], env).concurrency, 20);
  assert.equal(plan(['20', '3', '--url', 'three:9'], 8, env).address.host, 'three');
  assert.equal(plan([], 8, env).address.host, 'two');
  assert.equal(plan([], 8, { FAKTORY_SERVER_IP: 'one' }).address.host, 'one');
});

test("a password in the URL goes before FAKTORY_PASSWORD's", () => {
  const env = { FAKTORY_PASSWORD: 'from env' };
  assert.equal(plan(['--url', 'tcp://:inside@host'], 8, env).address.password, 'inside');
  assert.equal(plan(['--url', 'tcp://host'], 8, env).address.password, 'from env');
  assert.equal(plan(['--url', 'tcp://:p%40ss@host']).address.password, 'p@ss');
});

test('any slots and cores: shares add up and are even, processes and connections stay bounded', () => {
  const any = {
    slots: fc.integer({ min: 1, max: 1_000_000 }),
    cpus: fc.integer({ min: 1, max: 10_240 }),
    cores: fc.integer({ min: 1, max: 256 }),
  };
  fc.assert(
    fc.property(fc.record(any), ({ slots, cpus, cores }) => {
      const made = plan([String(slots), String(cpus / 10)], cores);
      const shares = shareOut(made.task);
      const each = shares.map((share) => share.slots);
      const { connections: perProcess } = shares[0]!;
      assert.equal(
        each.reduce((sum, share) => sum + share),
        slots,
      );
      assert.equal(each.length, made.task.processes);
      assert.ok(Math.max(...each) - Math.min(...each) <= 1);
      assert.ok(Math.min(...each) >= 1);
      assert.equal(made.task.processes, Math.min(Math.ceil(cpus / 10), cores, slots));
      // One to FETCH and one to acknowledge on are the least that a process can do with.
      const connections = shares.length * perProcess;
      assert.ok(connections < 64 || perProcess === 2, `${connections} connections`);
      assert.ok(perProcess >= 2);
      assert.ok(made.capCores <= cores && made.capCores <= cpus / 10);
    }),
  );
});

test('worker 6000 stays under 64 connections on machines of up to 31 cores', () => {
  for (let cores = 1; cores <= 31; cores++) {
    const shares = shareOut(plan(['6000', '1024'], cores).task);
    // And the supervisor's own.
    assert.ok(shares.length * shares[0]!.connections + 1 < 64, `${cores} cores`);
  }
});

test('CPUs that the machine does not have are said, and only those', () => {
  assert.match(plan(['6000', '8'], 2).note!, /^8 CPUs were asked for and this machine has 2: using 2$/);
  assert.equal(plan(['6000', '2'], 2).note, null);
  assert.equal(plan(['6000', '1.5'], 2).note, null);
});

test("a container's quota caps as a machine does: half a core is one process and a cap of 0.5", () => {
  const within = (argv: string[], quotaCores: number) => planWorker(read(argv), { cores: 8, quotaCores });
  const half = within(['600'], 0.5);
  assert.deepEqual([half.task.processes, half.capCores, half.task.slots], [1, 0.5, 600]);
  assert.equal(half.note, "4 CPUs were asked for and a control group (a container's) grants 0.5: using 0.5");
  assert.deepEqual([within(['600', '4'], 2.5).task.processes, within(['600', '4'], 2.5).capCores], [3, 2.5]);
  assert.deepEqual([within(['600', '2'], 4).capCores, within(['600', '2'], 4).note], [2, null]);
  assert.deepEqual([half.ownCap, within(['600', '2'], 4).ownCap, within(['600', '8'], 8).ownCap], [false, true, false]);
  assert.match(within(['600', '16'], 8).note!, /this machine has 8/);
  assert.ok(measureGrant().cores >= 1);
});

test('queues with weights, caps, rates, prefetch and a timeout are shared out', () => {
  const argv = ['10', '2', '--queues', 'fast:5,slow', '--queue-slots', 'slow=3', '--rate-limit', 'slow=60/m,add=4/s'];
  const settings = read([...argv, '--prefetch', '5', '--job-timeout', '1.5s']);
  assert.deepEqual(settings.queues, ['fast:5', 'slow']);
  assert.equal(settings.jobTimeout, 1500);
  const limits = shareOut(plan([...argv, '--prefetch', '5']).task).map((share) => share.limits);
  assert.deepEqual(limits, [
    { queueSlots: { slow: 1 }, queueRates: { slow: 0.5 }, typeRates: { add: 2 }, prefetch: 2 },
    { queueSlots: { slow: 2 }, queueRates: { slow: 0.5 }, typeRates: { add: 2 }, prefetch: 3 },
  ]);
});

test('limits of queues that are not fetched from, and those that the other engine lacks, are refused', () => {
  assert.throws(() => plan(['--queue-slots', 'slow=3']), /--queue-slots: got "slow=3", but --queues has jobstorm/);
  assert.throws(
    () => plan(['--engine', 'faktory-worker', '--prefetch', '1', '--rate-limit', 'a=1/s']),
    (error) =>
      error instanceof SettingsError && /^--rate-limit, --prefetch: the faktory-worker engine/.test(error.message),
  );
  assert.equal(
    plan(['--engine', 'faktory-worker', '--queues', 'a:2,b', '--job-timeout', '1s']).engine,
    'faktory-worker',
  );
});

test('idle, all processes together hold under 16 connections, on up to 7 cores', () => {
  for (let cores = 1; cores <= 7; cores++) {
    const shares = shareOut(plan(['6000', '1024'], cores).task);
    assert.ok(shares.length * shares[0]!.idleConnections + 1 < 16, `${cores} cores`);
    assert.ok(shares[0]!.idleConnections >= 2);
  }
});

test('the lanes that open at once are as many for several processes as for one', () => {
  const lanesFor = (cores: number) => shareOut(plan(['6000', '1024'], cores).task).map(({ lanes }) => lanes);
  assert.deepEqual([1, 2, 4].map(lanesFor), [[8], [4, 4], [2, 2, 2, 2]]);
  assert.deepEqual(new Set(lanesFor(16)), new Set([2]));
});

test('settings that the control room wants are checked as flags are, and taken whole or not at all', () => {
  const task = plan(['100', '2', '--queues', 'fast,slow', '--queue-slots', 'slow=10'], 4).task;
  const able = { maxProcesses: 4, engine: 'pipelined' } as const;
  assert.deepEqual(changedTask(task, {}, able), task);
  const wanted = { slots: 300, processes: 3, queues: ['slow', 'fast:5'], rateLimit: ['slow=5/s'], prefetch: 2 };
  assert.deepEqual(changedTask(task, wanted, able), { ...task, ...wanted });
  const refused: [object, RegExp][] = [
    [{ slots: 0 }, /^slots: got 0, expected a whole number of slots/],
    [{ slots: '5' }, /^slots: got "5"/],
    [{ slots: 200, processes: 5 }, /^processes: got 5, expected 1 to 4, as there are cores/],
    [{ processes: 1.5 }, /^processes: got 1\.5/],
    [{ queues: [] }, /^queues: got \[\]/],
    [{ queues: ['a b'] }, /^queues: got \["a b"\]/],
    [{ queues: ['fast'] }, /but --queues has fast/],
    [{ rateLimit: ['x'] }, /^rateLimit: got/],
  ];
  for (const [change, message] of refused) assert.throws(() => changedTask(task, change, able), { message });
  assert.throws(() => changedTask(task, {}, { ...able, engine: 'faktory-worker' }), /takes none while it runs/);
});

const mistakes: [string[], Record<string, string>, RegExp][] = [
  [['0'], {}, /got "0", expected a whole number of slots from 1 to 1000000/],
  [['1.5'], {}, /got "1\.5", expected a whole number of slots/],
  [['many'], {}, /got "many"/],
  [['10', '0'], {}, /got "0", expected a number of cores/],
  [['10', '2000'], {}, /got "2000", expected a number of cores/],
  [[], { WORKER_CPUS: 'all' }, /WORKER_CPUS: got "all"/],
  [['--queues', ''], {}, /--queues/],
  [['--queues', 'a/b'], {}, /--queues: got "a\/b"/],
  [['--queues', 'a:0'], {}, /--queues: got "a:0", expected queue names/],
  [['--queue-slots', 'a'], {}, /--queue-slots: got "a", expected QUEUE=SLOTS/],
  [['--rate-limit', 'a=5'], {}, /--rate-limit: got "a=5", expected NAME=COUNT\/s/],
  [['--prefetch', '-1'], {}, /--prefetch: got "-1"/],
  [['--job-timeout', 'soon'], {}, /--job-timeout: got "soon", expected a duration/],
  [['--job-timeout', '25h'], {}, /--job-timeout: got "25h"/],
  [['--engine', 'fast'], {}, /--engine: got "fast", expected pipelined or faktory-worker/],
  [['--control', 'nowhere'], {}, /--control: got "nowhere", expected ws:/],
  [['--control', 'ws://'], {}, /--control: got/],
  [['--control', 'ws://:::1'], {}, /--control: got/],
  [['--nosuch'], {}, /unknown flag --nosuch/],
  [['--url', 'http://host'], {}, /--url: got/],
  [['1', '2', '3'], {}, /3/],
];

for (const [argv, env, expected] of mistakes) {
  test(`${JSON.stringify(argv)} ${JSON.stringify(env)} is a bad setting`, () => {
    assert.throws(
      () => read(argv, env),
      (error) => {
        assert.ok(error instanceof SettingsError);
        assert.match(error.message, expected);
        return true;
      },
    );
  });
}

test('a FAKTORY_SERVER_IP that is no address is a bad setting, and no password is shown', () => {
  assert.throws(
    () => plan([], 8, { FAKTORY_SERVER_IP: 'tcp://:secret@host/path' }),
    (error) => {
      assert.ok(error instanceof SettingsError);
      assert.match(error.message, /^FAKTORY_SERVER_IP: /);
      assert.ok(!error.message.includes('secret'));
      return true;
    },
  );
});
