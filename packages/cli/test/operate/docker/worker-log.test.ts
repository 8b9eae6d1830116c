import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressFromInside, explainFailure, memoryHint, WorkerLog } from '../../../src/operate/docker/worker-log.ts';

function heard(...lines: string[]): WorkerLog {
  const log = new WorkerLog();
  for (const line of lines) log.hear(line);
  return log;
}

test('it is ready once it says that it fetches', () => {
  const settings = 'jobstorm worker: concurrency=6000 cpus=2 url=tcp://a:7419';
  assert.equal(heard(settings).ready, false);
  assert.equal(heard(settings, 'jobstorm worker: 6000 slots in 2 processes, fetching from tcp://a:7419').ready, true);
});

test('it failed with the last that it said', () => {
  assert.equal(heard('jobstorm worker: concurrency=1', 'jobstorm worker: bad things', '').failure, 'bad things');
  assert.equal(heard('Error: from node').failure, 'Error: from node');
  assert.equal(heard().failure, 'it ended without a word');
});

test('loopback is the host for those inside, everything else stays', () => {
  assert.equal(addressFromInside({ host: '127.0.0.1', port: 7419 }), 'host.docker.internal:7419');
  assert.equal(addressFromInside({ host: 'localhost', port: 1 }), 'host.docker.internal:1');
  assert.equal(addressFromInside({ host: '::1', port: 1 }), 'host.docker.internal:1');
  assert.equal(addressFromInside({ host: '192.168.1.100', port: 7419 }), '192.168.1.100:7419');
  assert.equal(addressFromInside({ host: 'fd00::2', port: 7419 }), '[fd00::2]:7419');
  assert.equal(addressFromInside({ host: 'a', port: 7419, tls: true }), 'tcp+tls://a:7419');
});

test('a server that only the host reaches is named as that, with remedies', () => {
  const refused = 'nothing listens at tcp://host.docker.internal:7419: check the address';
  const loopback = explainFailure(refused, 'host.docker.internal:7419', '127.0.0.1', 7419);
  assert.match(
    loopback,
    /^this host reaches the job server, but the worker's container does not reach it at host\.docker\.internal:7419: nothing/,
  );
  assert.match(loopback, /loopback only: let it listen on 0\.0\.0\.0:7419/);
  assert.match(loopback, /JOBSTORM_ENGINE=native/);

  const late = 'tcp://10.0.0.1:7419 did not answer as a job server within 5000 ms: check the address';
  assert.match(
    explainFailure(late, '10.0.0.1:7419', '10.0.0.1', 7419),
    /firewall or a VPN[\s\S]*allow the docker networks to reach 10\.0\.0\.1:7419/,
  );

  const unknown = "the host name of tcp://big:7419 can't be found: check its spelling";
  assert.match(
    explainFailure(unknown, 'big:7419', 'big', 7419),
    /containers do not know the name big .*: give an address/,
  );
});

test('any other failure is told as it is', () => {
  assert.equal(
    explainFailure('the job server did not take the password', 'a:1', 'a', 1),
    'the worker did not start: the job server did not take the password',
  );
});

test('a silent end under a memory limit has a hint beside it, and no other end', () => {
  const silent = heard().failure;
  assert.match(memoryHint(silent, 64 * 1024 ** 2), /more than WORKER_MEMORY=64m, or fewer slots/);
  assert.equal(memoryHint(silent, 0), '');
  assert.equal(
    memoryHint(heard('jobstorm worker: the job server did not take the password').failure, 64 * 1024 ** 2),
    '',
  );
});
