import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perfTestCommand } from '../src/advice.ts';
import type { Measurements } from '../src/measurements.ts';
import { judge } from '../src/verdict.ts';
import { someMeasurements } from './fixtures.ts';

const deep = { max: 90_000, end: 80_000, slopePerS: 8000, deepShare: 0.95, samples: 20 };
const cpu = (changes: Partial<Measurements['cpu']>) => ({ ...someMeasurements().cpu, ...changes });
const share = (usedCores: number | null, capCores: number | null) => ({ usedCores, capCores });

function verdictOf(changes: Partial<Measurements>) {
  return judge(someMeasurements(changes));
}

test('a run of 80 ms says that it was too short and offers a duration, or more jobs', () => {
  const verdict = verdictOf({
    jobs: 10_000,
    completed: 10_000,
    activeS: 0.08,
    completePerS: 125_000,
    slotsBusyShare: 1,
  });
  assert.equal(verdict.bottleneck, 'too-short');
  assert.match(verdict.evidence[0]!, /over in 80 ms/);
  assert.equal(verdict.advice, 'just perf-test --duration 10s');
  const settings = { ...someMeasurements().settings, flags: [['drain', 'true']] as const };
  const drained = verdictOf({ jobs: 10_000, activeS: 0.08, completePerS: 125_000, settings });
  assert.match(drained.advice, /^just perf-test 2000000 --drain true \(/);
});

test('queue growing and the server busy: the server', () => {
  const verdict = verdictOf({ depth: deep, cpu: cpu({ server: share(0.95, 1) }) });
  assert.equal(verdict.bottleneck, 'server');
  assert.match(verdict.evidence.join('\n'), /grew by 8,000 a second/);
  assert.match(verdict.evidence.join('\n'), /server used 0\.95 cores of 1 \(95%\)/);
});

test('queue growing and nobody knows how busy the server is: still the server, as the guide has it', () => {
  const verdict = verdictOf({ depth: deep, cpu: cpu({ server: share(null, null) }) });
  assert.equal(verdict.bottleneck, 'server');
  assert.match(verdict.advice, /docker-compose\.server\.yml/);
});

test('queue deep while server and workers have CPU to spare: FETCH round trips, so more slots', () => {
  const verdict = verdictOf({ depth: deep });
  assert.equal(verdict.bottleneck, 'fetch');
  assert.match(verdict.advice, /--concurrency 4000$/);
});

test('worker CPU at its cap is the ceiling, whatever the queue does', () => {
  for (const depth of [deep, someMeasurements().depth]) {
    const verdict = verdictOf({ depth, cpu: cpu({ workers: share(3.8, 4) }) });
    assert.equal(verdict.bottleneck, 'worker-cpu');
    assert.match(verdict.advice, /--cpus 8\.0$/);
  }
});

test('throttled workers are held back by their quota, or with all cores of their host at the ceiling', () => {
  const workers = { ...share(1.2, 4), throttledShare: 0.4 };
  const verdict = verdictOf({ cpu: cpu({ workers }), depth: deep });
  assert.equal(verdict.bottleneck, 'throttling');
  assert.equal(verdict.scaling.helps, 'neither');
  const wholeHost = { ...workers, hostCores: 4 };
  assert.equal(verdictOf({ cpu: cpu({ workers: wholeHost }), depth: deep }).bottleneck, 'worker-cpu');
  assert.equal(verdict.evidence[0], 'workers were throttled in 40% of the periods');
});

test('a server in a container at its CPU limit: the server, whether by its mean or by its throttling', () => {
  for (const server of [
    { ...share(1.9, 2), throttledShare: 0.05 },
    { ...share(1.2, 2), throttledShare: 0.3 },
  ]) {
    const verdict = verdictOf({ cpu: cpu({ server: { ...server, hostCores: 16 } }), depth: deep });
    assert.equal(verdict.bottleneck, 'server');
    assert.match(verdict.evidence[1]!, /^the server was throttled in (5|30)% of the periods$/);
    assert.match(verdict.advice, /docker-compose\.server\.yml/);
  }
  const spare = { ...share(1.2, 2), throttledShare: 0.1 };
  assert.notEqual(verdictOf({ cpu: cpu({ server: spare }) }).bottleneck, 'server');
});

test('server and workers both throttled: who was held back more', () => {
  const both = (server: number, workers: number) =>
    verdictOf({
      cpu: cpu({
        server: { ...share(1.9, 2), throttledShare: server },
        workers: { ...share(3.9, 4), throttledShare: workers },
      }),
    }).bottleneck;
  assert.equal(both(0.8, 0.5), 'server');
  assert.equal(both(0.5, 0.8), 'throttling');
});

test('a server or workers with all cores of their hosts are not to be given more of them', () => {
  const server = { ...share(2, 2), throttledShare: 0.5, hostCores: 2 };
  assert.match(verdictOf({ cpu: cpu({ server }) }).advice, /all 2 cores of its host: give it a bigger host/);
  const workers = { ...share(2, 2), throttledShare: 0.5, hostCores: 2 };
  const settings = { flags: [], ownWorker: false, ownApi: false, serverHost: '10.0.0.1' };
  const advice = verdictOf({ cpu: cpu({ workers }), settings }).advice;
  assert.match(advice, /another worker host .* all 2 cores .*: FAKTORY_SERVER_IP=10\.0\.0\.1 just worker 2000 there/);
  const roomier = verdictOf({ cpu: cpu({ workers: { ...workers, hostCores: 3 } }), settings }).advice;
  assert.equal(roomier, 'FAKTORY_SERVER_IP=10.0.0.1 just worker 2000 3.0');
});

test('a server that is one thread has no use for more CPUs', () => {
  const server = { ...share(0.95, 1), oneThread: true, throttledShare: null };
  assert.match(verdictOf({ depth: deep, cpu: cpu({ server }) }).advice, /one thread/);
  const small = { ...share(0.95, 1), throttledShare: 0.5, hostCores: 4 };
  assert.match(verdictOf({ depth: deep, cpu: cpu({ server: small }) }).advice, /more CPUs/);
});

test('settings of an api-service that runs already are set where it is started', () => {
  const api = cpu({ api: share(0.95, 1) });
  assert.match(verdictOf({ cpu: api }).advice, /^BATCH_MAX_SIZE=500 just perf-test /);
  const settings = { ...someMeasurements().settings, ownApi: false };
  assert.match(verdictOf({ cpu: api, settings }).advice, /^BATCH_MAX_SIZE=500 just server on .*, then just perf-test /);
});

test('no advice is the command that was just run', () => {
  const unclear = verdictOf({ depth: null, jobs: 1_000_000, activeS: 100 });
  assert.match(unclear.advice, /just perf-test 2000000$/);
  const generator = cpu({ generator: share(0.98, 1) });
  assert.match(verdictOf({ cpu: generator, via: 'direct' }).advice, /second generator/);
});

test('slots all busy and CPU low: more slots, with the bound they set', () => {
  const verdict = verdictOf({ slotsBusyShare: 0.97, serviceMeanUs: 100_000, slots: 6000, depth: deep });
  assert.equal(verdict.bottleneck, 'slots');
  assert.match(verdict.evidence.join('\n'), /60,000 jobs\/s/);
  assert.match(verdict.advice, /--concurrency 12000$/);
});

test('slots all busy because handlers burn CPU: the CPU', () => {
  const verdict = verdictOf({ slotsBusyShare: 0.99, serviceMeanUs: 100_000, cpu: cpu({ workers: share(4, 4) }) });
  assert.equal(verdict.bottleneck, 'worker-cpu');
});

test('queue short and a part on the way in at its limit: that part', () => {
  assert.equal(verdictOf({ cpu: cpu({ generator: share(0.95, 1) }) }).bottleneck, 'generator');
  assert.equal(verdictOf({ cpu: cpu({ api: share(0.95, 1) }) }).bottleneck, 'api');
  assert.equal(verdictOf({ cpu: cpu({ server: share(0.95, 1) }) }).bottleneck, 'server');
  assert.equal(verdictOf({ batchWaitP50Us: 9000, submitP50Us: 10_000 }).bottleneck, 'batcher');
});

test('an open run that kept up was limited by what was offered', () => {
  const verdict = verdictOf({ ratePerS: 5000, submitPerS: 4999, completePerS: 5000 });
  assert.equal(verdict.bottleneck, 'offered-rate');
  assert.match(verdict.advice, /--rate 10000$/);
});

test('one machine with all cores in use: the machine, and who else was on it', () => {
  const verdict = verdictOf({
    local: true,
    machineCpus: 2,
    machineUsedCores: 1.95,
    cpu: cpu({ workers: share(0.5, 2) }),
  });
  assert.equal(verdict.bottleneck, 'machine-cpu');
  assert.match(verdict.evidence.join('\n'), /no part of the run used 0\.55 cores/);
  assert.match(verdict.advice, /another host/);
});

test('other programs had more of the machine than the run: moving the worker is not what helps', () => {
  const part = share(0.2, 1);
  const busy = { local: true, machineCpus: 2, machineUsedCores: 2 };
  const ours = { generator: part, api: part, workers: part };
  assert.match(verdictOf({ ...busy, cpu: cpu({ ...ours, server: part }) }).advice, /other programs/);
  const named = verdictOf({ ...busy, cpu: cpu({ ...ours, server: share(null, null) }) });
  assert.match(named.advice, /another host/, 'a server that was named may be one of them');
});

test('nothing at a limit and nothing watched: it says that it does not know', () => {
  const verdict = verdictOf({ depth: null });
  assert.equal(verdict.bottleneck, 'unclear');
  assert.ok(verdict.evidence.length > 1);
});

test('advice repeats what the run was told, and speaks of the worker where it is somebody else’s', () => {
  const flags = [
    ['url', 'tcp://10.0.0.1:7419'],
    ['concurrency', '500'],
  ] as const;
  const own = verdictOf({
    depth: deep,
    slots: 500,
    settings: { flags, ownWorker: true, ownApi: true, serverHost: '10.0.0.1' },
  });
  assert.equal(own.advice, 'just perf-test 100000 --url tcp://10.0.0.1:7419 --concurrency 1000');
  const other = verdictOf({
    depth: deep,
    slots: 500,
    settings: { flags, ownWorker: false, ownApi: true, serverHost: '10.0.0.1' },
  });
  assert.equal(other.advice, 'FAKTORY_SERVER_IP=10.0.0.1 just worker 1000');
});

test('a link that is full: the network, and larger batches', () => {
  const network = { name: 'eth0', usedMbit: 920, capMbit: 1000 };
  const verdict = verdictOf({ network, depth: deep });
  assert.equal(verdict.bottleneck, 'network');
  assert.match(verdict.evidence[0]!, /^eth0 carried 920 of 1000 Mbit\/s \(92%\)$/);
  assert.match(verdict.advice, /^BATCH_MAX_SIZE=500 /);
  assert.notEqual(verdictOf({ network: { ...network, usedMbit: 700 }, depth: deep }).bottleneck, 'network');
});

test("the server's Redis or disk, where they are seen", () => {
  const server = share(1.4, 8);
  const redis = verdictOf({
    depth: deep,
    cpu: cpu({ server }),
    serverInside: { redisCores: 0.97, diskBusyShare: 0.1 },
  });
  assert.deepEqual([redis.bottleneck, redis.scaling.helps], ['server-redis', 'more hosts']);
  const disk = verdictOf({ depth: deep, pushP50Us: 40_000, serverInside: { redisCores: null, diskBusyShare: 0.95 } });
  assert.equal(disk.bottleneck, 'server-disk');
  assert.match(disk.evidence.join(), /busy 95% of the time,a PUSHB took 40\.0 ms/);
});

test('few slots and long round trips: FETCH, with the bound that they set, though the server is not seen', () => {
  const few = {
    slots: 50,
    roundTripUs: 40_000,
    completePerS: 1100,
    depth: deep,
    cpu: cpu({ server: share(null, null) }),
  };
  const verdict = verdictOf(few);
  assert.deepEqual([verdict.bottleneck, verdict.scaling.helps], ['fetch', 'neither']);
  assert.match(
    verdict.evidence.join(),
    /50 slots \/ \(handlers of 0\.0 ms and round trips of 40\.0 ms\) are 1,250 jobs\/s at most/,
  );
  const inHandlers = { ...few, serviceMeanUs: 100_000, roundTripUs: 500, slots: 50, completePerS: 420 };
  assert.equal(verdictOf(inHandlers).bottleneck, 'slots', 'of the two the longer one');
  assert.equal(verdictOf({ ...few, slots: 5000 }).bottleneck, 'server', 'far below that bound it is somebody else');
});

test('what would help is said of each', () => {
  const helps = (changes: Partial<Measurements>) => verdictOf(changes).scaling.helps;
  assert.equal(helps({ cpu: cpu({ workers: share(3.9, 4) }) }), 'either');
  assert.equal(helps({ cpu: cpu({ generator: share(0.95, 1) }) }), 'more hosts');
  assert.equal(helps({ slotsBusyShare: 0.97 }), 'neither');
  assert.equal(helps({ depth: deep, cpu: cpu({ server: { ...share(7.5, 8), hostCores: 8 } }) }), 'bigger host');
  assert.equal(helps({ depth: deep, cpu: cpu({ server: { ...share(7.5, 8), hostCores: 16 } }) }), 'neither');
  assert.equal(helps({ depth: deep, cpu: cpu({ server: { ...share(0.95, 1), oneThread: true } }) }), 'more hosts');
});

test('no completed job is no verdict', () => {
  const { settings } = someMeasurements();
  const verdict = verdictOf({ completed: 0, activeS: 0, settings: { ...settings, ownWorker: false } });
  assert.deepEqual([verdict.bottleneck, verdict.advice.includes('just worker-logs')], ['unclear', true]);
  assert.equal(verdictOf({ completed: 0, settings: { ...settings, ownWorker: true } }).advice, 'just doctor');
});

test('a flag that takes no value is repeated without one', () => {
  const flags = [
    ['drain', ''],
    ['concurrency', '5'],
  ] as const;
  assert.equal(
    perfTestCommand({ ...someMeasurements().settings, flags }, 10),
    'just perf-test 10 --drain --concurrency 5',
  );
});

test('a Redis that is granted less than a core is judged by its grant', () => {
  const inside = { redisCores: 0.1, redisCapCores: 0.1, diskBusyShare: 0 };
  const verdict = verdictOf({ depth: deep, serverInside: inside });
  assert.equal(verdict.bottleneck, 'server-redis');
  assert.match(verdict.evidence[0]!, /0\.10 of the 0\.10 cores/);
  assert.equal(verdictOf({ depth: deep, serverInside: { ...inside, redisCapCores: 1 } }).bottleneck, 'fetch');
});

test('a server that waits for its disk makes every round trip long: the disk is named, not the slots', () => {
  const slow = { slots: 100, serviceMeanUs: 1, roundTripUs: 100_000, completePerS: 900, depth: deep };
  assert.equal(verdictOf(slow).bottleneck, 'fetch');
  const inside = { redisCores: null, diskBusyShare: 0, diskWaitShare: 0.97 };
  const verdict = verdictOf({ ...slow, serverInside: inside });
  assert.equal(verdict.bottleneck, 'server-disk');
  assert.match(verdict.evidence[0]!, /waited for its disk 97% of the time/);
  const busy = cpu({ server: share(0.95, 1) });
  assert.notEqual(verdictOf({ ...slow, serverInside: inside, cpu: busy }).bottleneck, 'server-disk');
});

test('a rate that was kept up with is the limit, however full the link was', () => {
  const network = { name: 'eth0', usedMbit: 95, capMbit: 100 };
  assert.equal(verdictOf({ network, ratePerS: 1000, submitPerS: 1000 }).bottleneck, 'offered-rate');
  assert.equal(verdictOf({ network, ratePerS: 1000, submitPerS: 600 }).bottleneck, 'network');
});

test('a generator at a quota of its own, while the queue is empty, is what was measured, whoever else is busy', () => {
  const generator = { ...share(0.15, 0.15), throttledShare: 1 };
  const busyMachine = { local: true, machineCpus: 2, machineUsedCores: 1.95 };
  assert.equal(verdictOf({ ...busyMachine, cpu: cpu({ generator }) }).bottleneck, 'generator');
  const idle = { ...generator, usedCores: 0.01 };
  assert.equal(verdictOf({ ...busyMachine, cpu: cpu({ generator: idle }) }).bottleneck, 'machine-cpu');
});

test('threads that use all of their cores bump into the quota now and then: a worker at its cap', () => {
  const workers = (throttledShare: number) => ({ cpu: cpu({ workers: { ...share(0.98, 1), throttledShare } }) });
  assert.equal(verdictOf(workers(0.25)).bottleneck, 'worker-cpu');
  assert.equal(verdictOf(workers(0.9)).bottleneck, 'throttling');
});

test('a machine that is nearly full is the limit when nothing else can be named', () => {
  const shallow = { max: 8000, end: 0, slopePerS: 0, deepShare: 0.1, samples: 9 };
  const changes = { local: true, machineCpus: 2, depth: shallow };
  assert.equal(verdictOf({ ...changes, machineUsedCores: 1.7 }).bottleneck, 'machine-cpu');
  assert.equal(verdictOf({ ...changes, machineUsedCores: 1.2 }).bottleneck, 'unclear');
});

test('one thread that is granted less than its core is at that cap, and can be given more', () => {
  const server = { ...share(0.2, 0.2), throttledShare: 0.97, oneThread: true, hostCores: 2 };
  const verdict = verdictOf({ depth: deep, cpu: cpu({ server }) });
  assert.equal(verdict.bottleneck, 'server');
  assert.match(verdict.advice, /more CPUs/);
  assert.equal(verdict.scaling.helps, 'neither');
});
