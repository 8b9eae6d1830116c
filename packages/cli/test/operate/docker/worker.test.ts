import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsInForce } from '../../../src/operate/docker/worker.ts';

test('the settings in force are those of the files after interpolation, with what the host can give', () => {
  const service = (replicas: number, memory: number) => ({
    services: {
      'worker-service': {
        environment: { WORKER_CONCURRENCY: '6000' },
        deploy: { replicas, resources: { limits: { cpus: 8, memory } } },
      },
    },
  });
  assert.equal(settingsInForce(service(1, 0), 2, 'a:7419'), 'worker: 6000 slots, 2 CPUs, job server a:7419');
  assert.equal(
    settingsInForce(service(3, 4 * 1024 ** 3), 16, 'a:7419'),
    'worker: 3 containers, each 6000 slots, 8 CPUs, 4096 MiB, job server a:7419',
  );
});
