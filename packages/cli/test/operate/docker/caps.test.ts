import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComposeService, planCaps } from '../../../src/operate/docker/caps.ts';

const limited = (cpus: number | string): ComposeService => ({
  deploy: { resources: { limits: { cpus, memory: '1' } } },
});

test('what the host has is left alone', () => {
  const config = { services: { a: limited(2), b: limited('0.5'), c: {}, d: { deploy: { resources: null } } } };
  assert.deepEqual(planCaps(config, 2), { override: null, lines: [] });
  assert.deepEqual(planCaps({}, 2), { override: null, lines: [] });
});

test('more than that is capped, with a line for each', () => {
  const { override, lines } = planCaps({ services: { faktory: limited(16), api: limited(1), old: { cpus: 4 } } }, 2);
  assert.deepEqual(lines, [
    'faktory: 16 CPUs asked for, the host has 2: capped to 2',
    'old: 4 CPUs asked for, the host has 2: capped to 2',
  ]);
  assert.equal(
    override,
    `# CPU limits that this host can give; written by jobstorm
services:
  faktory:
    deploy:
      resources:
        limits:
          cpus: "2"
  old:
    cpus: 2
`,
  );
});

test('what a worker takes for its cap follows the limit, capped or edited by hand', () => {
  const worker = (cpus: number, told: string) => ({
    services: { w: { ...limited(cpus), environment: { WORKER_CPUS: told } } },
  });
  assert.match(planCaps(worker(8, '8.0'), 2).override!, /cpus: "2"\n {4}environment:\n {6}WORKER_CPUS: "2"\n$/);
  const edited = planCaps(worker(8, '4.0'), 16);
  assert.deepEqual(edited.lines, []);
  assert.match(edited.override!, /^ {2}w:\n {4}environment:\n {6}WORKER_CPUS: "8"\n$/m);
  assert.equal(planCaps(worker(4, '4.0'), 16).override, null);
});
