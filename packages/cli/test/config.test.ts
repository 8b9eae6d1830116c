import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { SettingsError } from '@jobstorm/program';
import { readPerfTest, urlSource } from '../src/config.ts';

function mistakesOf(argv: string[]): readonly string[] {
  try {
    readPerfTest(argv, {});
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

test('defaults: 10,000 add jobs in batches, no server, the machine’s CPUs at most', () => {
  const config = readPerfTest([], {});
  assert.deepEqual([config.jobs, config.shape.jobtype, config.via, config.server], [10_000, 'add', 'batch', null]);
  assert.equal(config.values.concurrency, 2000);
  assert.equal(config.workerCpus, Math.min(4, availableParallelism()));
  assert.equal(config.values.patienceMs, 90_000);
});

test('flags come before the environment', () => {
  const env = { WORKER_CONCURRENCY: '50', WORKER_CPUS: '0.5', FAKTORY_SERVER_IP: '10.0.0.9' };
  const config = readPerfTest(['7', '--concurrency', '60'], env);
  assert.deepEqual([config.jobs, config.values.concurrency, config.workerCpus], [7, 60, 0.5]);
  assert.deepEqual(config.server, { host: '10.0.0.9', port: 7419, password: null });
});

test('a URL’s password comes before FAKTORY_PASSWORD, FAKTORY_URL before FAKTORY_SERVER_IP', () => {
  const env = { FAKTORY_SERVER_IP: 'other', FAKTORY_URL: 'tcp://named:7000', FAKTORY_PASSWORD: 'env' };
  assert.deepEqual(readPerfTest([], env).server, { host: 'named', port: 7000, password: 'env' });
  assert.equal(readPerfTest(['--url', 'tcp://:own@named'], env).server?.password, 'own');
});

test('what named the server is known: the flag, the variable, or its line in .env', () => {
  const file = { FAKTORY_SERVER_IP: 'a', FAKTORY_URL: ' ' };
  assert.equal(urlSource(['5', '--url', 'x'], { FAKTORY_URL: 'y' }), '--url');
  assert.equal(urlSource(['--url=x'], {}), '--url');
  assert.equal(urlSource([], { FAKTORY_SERVER_IP: 'a', FAKTORY_URL: 'b' }), 'FAKTORY_URL');
  assert.equal(
    urlSource([], Object.assign(Object.create(file), { FAKTORY_SERVER_IP: '' })),
    'FAKTORY_SERVER_IP in .env',
  );
  assert.equal(urlSource([], Object.assign(Object.create(file), { FAKTORY_URL: 'b' })), 'FAKTORY_URL');
});

test('--service-time makes jobs sleep, or spin when told so', () => {
  assert.deepEqual([readPerfTest(['--service-time', '1.5s'], {}).shape.jobtype], ['sleep']);
  assert.equal(readPerfTest(['--service-time', '1.5s'], {}).shape.serviceMs, 1500);
  assert.equal(readPerfTest(['--service-time', '3ms', '--jobtype', 'spin'], {}).shape.jobtype, 'spin');
});

test('--rate with --duration says how many jobs', () => {
  assert.equal(readPerfTest(['--rate', '2500', '--duration', '4s'], {}).jobs, 10_000);
  assert.equal(readPerfTest(['500', '--rate', '2500'], {}).jobs, 500);
});

test('settings that contradict each other are all reported', () => {
  assert.match(mistakesOf(['9', '--duration', '3s', '--rate', '1'])[0]!, /give one of them/);
  assert.match(mistakesOf(['--jobtype', 'add', '--service-time', '1ms'])[0]!, /sleep or spin, got --jobtype add/);
  assert.match(mistakesOf(['--via', 'direct', '--api', 'http://h:3000'])[0]!, /goes past it/);
  assert.match(mistakesOf(['--rate', '0.1', '--duration', '1s'])[0]!, /is 0 jobs/);
  assert.match(mistakesOf(['--threshold-abort'])[0]!, /needs a --threshold/);
  assert.equal(mistakesOf(['5', '--duration', '3s', '--jobtype', 'add', '--service-time', '1ms']).length, 2);
});

test('addresses are checked, and no message shows a password', () => {
  assert.match(mistakesOf(['--api', 'http://host:3000/path'])[0]!, /--api/);
  assert.match(mistakesOf(['--control', 'ftp://host'])[0]!, /--control/);
  assert.equal(readPerfTest(['--control', 'ws://host:7460'], {}).values.control, 'http://host:7460');
  const [mistake] = mistakesOf(['--url', 'udp://:secret@host']);
  assert.match(mistake!, /--url/);
  assert.doesNotMatch(mistake!, /secret/);
});

test('thresholds are read, and refused before the run', () => {
  const { thresholds } = readPerfTest(['--threshold', 'completePerS>1, latency.p99<5ms'], {});
  assert.deepEqual(
    thresholds.map(({ path }) => path.join('.')),
    ['throughput.completePerS', 'latencyUs.endToEnd.p99'],
  );
  assert.match(mistakesOf(['--threshold', 'speed>1'])[0]!, /--threshold: got "speed>1"/);
});
