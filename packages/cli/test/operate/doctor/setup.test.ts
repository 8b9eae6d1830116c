import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDocker, type DockerFacts } from '../../../src/operate/doctor/docker.ts';
import { findingLine, fix, ok, verdictLine, warn } from '../../../src/operate/doctor/finding.ts';
import { checkPorts } from '../../../src/operate/doctor/ports.ts';
import { checkSecrets, type SecretFacts } from '../../../src/operate/doctor/secrets.ts';
import { makeTerminal } from '../../../src/terminal.ts';

const docker: DockerFacts = {
  asked: null,
  engine: '28.0.1',
  compose: '2.40.0',
  whyNot: null,
  cpus: 8,
  memoryBytes: 1,
};
const states = (findings: readonly { id: string; state: string }[]) =>
  findings.map(({ id, state }) => `${id} ${state}`);

test('Docker: engine and compose by their versions', () => {
  assert.deepEqual(states(checkDocker(docker)), ['docker ok', 'compose ok']);
  assert.deepEqual(states(checkDocker({ ...docker, engine: '19.03.1' })), ['docker warn', 'compose ok']);
  // A build from a distribution's sources calls itself dev.
  assert.deepEqual(states(checkDocker({ ...docker, compose: 'dev' })), ['docker ok', 'compose ok']);
  for (const compose of [null, '1.29.2']) {
    const findings = checkDocker({ ...docker, compose, whyNot: 'this Docker has no compose v2' });
    assert.deepEqual(states(findings), ['docker ok', 'compose fix'], String(compose));
    assert.match(findings[1]!.remedy!, /docker-compose-plugin/);
  }
});

test('no Docker is no fault unless it was asked for', () => {
  const none = { ...docker, engine: null, compose: null, whyNot: 'there is no docker program on this machine' };
  assert.deepEqual(states(checkDocker(none)), ['docker warn']);
  assert.match(checkDocker(none)[0]!.text, /plain processes, server-node in Faktory's place/);
  assert.deepEqual(states(checkDocker({ ...none, asked: 'docker' })), ['docker fix']);
  assert.deepEqual(states(checkDocker({ ...none, asked: 'native' })), ['docker ok']);
  const denied = { ...none, whyNot: 'no Docker engine answers (permission denied while trying to connect)' };
  assert.match(checkDocker(denied)[0]!.remedy!, /usermod -aG docker/);
});

test('ports: free, ours, of another jobstorm, of another program', () => {
  const found = checkPorts([
    { name: 'faktory', port: 7419, held: 'free', holder: '' },
    { name: 'web', port: 7420, held: 'expected', holder: "this checkout's server (pid 7)" },
    { name: 'api', port: 3000, held: 'jobstorm', holder: 'an api-service of jobstorm' },
    { name: 'dashboard', port: 7460, held: 'other', holder: 'another program' },
  ]);
  assert.deepEqual(states(found), ['port-7419 ok', 'port-7420 ok', 'port-3000 warn', 'port-7460 fix']);
  assert.match(found[2]!.remedy!, /API_PORT=/);
  assert.match(found[3]!.text, /for the control room: in use by another program/);
  assert.match(found[3]!.remedy!, /DASHBOARD_PORT=/);
});

const kept = { source: '.env', length: 32 } as const;
const secrets: SecretFacts = { open: false, password: kept, token: kept, envMode: 0o600 };

test('secrets: set, long enough, and only their owner reads them', () => {
  assert.deepEqual(states(checkSecrets(secrets)), ['secrets ok', 'env-file ok']);
  const readable = checkSecrets({ ...secrets, envMode: 0o644 });
  assert.deepEqual(states(readable), ['secrets ok', 'env-file fix']);
  assert.match(readable[1]!.text, /mode 644/);
  assert.deepEqual(states(checkSecrets({ ...secrets, password: { source: '.env', length: 6 } })), [
    'secrets warn',
    'env-file ok',
  ]);
  const named = { source: 'environment', length: 32 } as const;
  const noFile = { ...secrets, password: named, token: null, envMode: 0o644 };
  assert.deepEqual(states(checkSecrets(noFile)), ['secrets ok']);
  assert.match(checkSecrets(noFile)[0]!.text, /FAKTORY_PASSWORD is set in the environment, JOBSTORM_TOKEN is not set/);
  const none = { open: false, password: null, token: null, envMode: null };
  assert.deepEqual(states(checkSecrets(none)), ['secrets ok']);
  assert.deepEqual(states(checkSecrets({ ...none, open: true })), ['secrets warn']);
});

test('a finding is one line with its remedy beside it, and the last line counts', () => {
  const t = makeTerminal({ write: () => {} }, {});
  assert.equal(findingLine(ok('node', 'Node 20'), t), 'ok    node         Node 20');
  assert.equal(findingLine(fix('build', 'old', 'just build'), t), 'fix   build        old  → just build');
  assert.equal(verdictLine([ok('a', '')]), 'nothing has to be fixed');
  assert.equal(verdictLine([warn('a', '', '')]), 'nothing has to be fixed, 1 warning');
  assert.equal(verdictLine([fix('a', '', ''), fix('b', '', ''), warn('c', '', '')]), '2 things to fix, 1 warning');
});
