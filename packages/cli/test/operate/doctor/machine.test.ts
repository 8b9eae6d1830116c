import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMemory } from '../../../src/operate/doctor/config.ts';
import { parsePorts } from '../../../src/operate/doctor/facts.ts';
import {
  checkBuild,
  checkCpus,
  checkFiles,
  checkMemory,
  checkNode,
  checkOutgoing,
  coresFor,
  type MachineFacts,
  type WorkerWish,
} from '../../../src/operate/doctor/machine.ts';

const GiB = 1024 ** 3;
const machine: MachineFacts = {
  node: '20.20.0',
  cores: 8,
  quotaCores: null,
  memoryBytes: 16 * GiB,
  freeBytes: 12 * GiB,
  openFiles: 65_536,
  outgoing: { first: 32_768, last: 60_999, reserved: [] },
  build: { builtAtMs: 2, newestSourceMs: 1 },
};
const wish: WorkerWish = { concurrency: 4000, cpus: 4, replicas: 1, memoryBytes: null, connections: 60 };
const ports = [7419, 7420, 3000, 7460];

test('Node from 20.19 on', () => {
  const states = ['18.20.4', '20.18.3', '20.19.0', '22.0.0'].map((node) => checkNode(node).state);
  assert.deepEqual(states, ['fix', 'fix', 'ok', 'ok']);
});

test('a build that is older than its sources has to be made anew', () => {
  const state = (builtAtMs: number | null) => checkBuild({ builtAtMs, newestSourceMs: 5 })[0]!;
  assert.deepEqual([state(4).state, state(5).state, state(null).state], ['fix', 'ok', 'fix']);
  assert.equal(state(4).remedy, 'just build');
  assert.deepEqual(checkBuild(null), []);
});

test('more CPUs than there are: so many will be used', () => {
  assert.equal(checkCpus(wish, machine).state, 'ok');
  const { state, text, remedy } = checkCpus({ ...wish, cpus: 16 }, machine);
  assert.deepEqual([state, remedy], ['warn', 'WORKER_CPUS=8, or a larger machine']);
  assert.match(text, /WORKER_CPUS is 16 and this machine has 8: 8 will be used/);
  assert.match(
    checkCpus(wish, { ...machine, quotaCores: 1.5 }).text,
    /control group .* grants 1\.5: 1\.5 will be used/,
  );
  assert.equal(coresFor(wish, { ...machine, quotaCores: 1.5 }), 1.5);
});

test('several workers share the CPUs', () => {
  assert.equal(checkCpus({ ...wish, replicas: 2 }, machine).state, 'ok');
  const { state, remedy } = checkCpus({ ...wish, replicas: 3 }, machine);
  assert.deepEqual([state, remedy], ['warn', 'REPLICAS=2']);
});

test('memory for the slots, of what is free and of what is allowed', () => {
  assert.equal(checkMemory(wish, machine).state, 'ok');
  assert.equal(checkMemory(wish, { ...machine, freeBytes: 256 * 1024 ** 2 }).state, 'warn');
  assert.equal(checkMemory({ ...wish, replicas: 40 }, machine).state, 'warn');
  const tight = checkMemory({ ...wish, memoryBytes: 256 * 1024 ** 2 }, machine);
  assert.equal(tight.state, 'fix');
  const enough = parseMemory(/WORKER_MEMORY=(\d+M)/.exec(tight.remedy!)![1]!);
  assert.equal(checkMemory({ ...wish, memoryBytes: enough }, machine).state, 'ok', 'the remedy helps');
});

test('amounts of memory as Docker takes them', () => {
  const amounts = ['4G', '4gb', '512m', '1.5g', '2k', '1073741824', '0'].map(parseMemory);
  assert.deepEqual(amounts, [4 * GiB, 4 * GiB, GiB / 2, 1.5 * GiB, 2048, GiB, 0]);
  for (const text of ['', 'much', '4 T', '-1G']) assert.throws(() => parseMemory(text), RangeError, text);
});

test('open files against the connections that a worker takes', () => {
  const state = (openFiles: number | null, connections = 60) =>
    checkFiles({ ...wish, connections }, { ...machine, openFiles }).map((finding) => finding.state);
  assert.deepEqual([state(256), state(1024), state(4096), state(null)], [['fix'], ['warn'], ['ok'], []]);
  assert.deepEqual(state(1024, 2000), ['fix']);
});

test('ports for outgoing connections: enough, and none of ours', () => {
  const check = (first: number, last: number, reserved: readonly number[] = []) =>
    checkOutgoing({ ...machine, outgoing: { first, last, reserved } }, ports)[0]!;
  assert.equal(check(32_768, 60_999).state, 'ok');
  assert.match(check(32_768, 33_767).text, /1,000 ports/);
  assert.equal(check(32_768, 33_767).state, 'warn');
  const wide = check(1024, 65_535, [7420]);
  assert.equal(wide.state, 'warn');
  assert.match(wide.remedy!, /ip_local_reserved_ports=7420,7419,3000,7460$/);
  assert.equal(check(1024, 65_535, parsePorts('3000,7419-7420,7460\n')).state, 'ok');
  assert.deepEqual(checkOutgoing({ ...machine, outgoing: null }, ports), []);
  assert.deepEqual(parsePorts('\n'), []);
});
