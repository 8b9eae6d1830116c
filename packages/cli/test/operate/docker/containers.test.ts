import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type InspectedContainer, parsePublisher, partStatus } from '../../../src/operate/docker/containers.ts';
import { chosen } from '../../../src/operate/docker/logs.ts';

const container = (given: Partial<InspectedContainer>): InspectedContainer => ({
  Id: 'abc',
  Name: '/p-faktory-1',
  State: { Status: 'running', StartedAt: '2026-01-02T03:04:05Z', ExitCode: 0, Health: { Status: 'healthy' } },
  Config: { Labels: { 'io.jobstorm.part': 'faktory' } },
  NetworkSettings: { Ports: {} },
  ...given,
});

test('a container that runs, with the ports that it publishes, once each', () => {
  const both = (port: string) => [
    { HostIp: '0.0.0.0', HostPort: port },
    { HostIp: '::', HostPort: port },
  ];
  const Ports = { '7419/tcp': both('8419'), '7420/tcp': both('7420'), '9/tcp': null };
  assert.deepEqual(partStatus(container({ NetworkSettings: { Ports } })), {
    part: 'faktory',
    name: 'p-faktory-1',
    state: 'running',
    health: 'healthy',
    since: '2026-01-02T03:04:05Z',
    address: '0.0.0.0:8419, 0.0.0.0:7420',
  });
});

test('one that has ended has neither health nor address', () => {
  const State = { Status: 'exited', StartedAt: '2026-01-02T03:04:05Z', ExitCode: 137, Health: { Status: 'unhealthy' } };
  const { state, health, since, address, part } = partStatus(container({ State, Config: { Labels: null } }));
  assert.deepEqual([state, health, since, address, part], ['exited (137)', null, null, null, '?']);
});

test('a line of docker ps', () => {
  assert.deepEqual(parsePublisher('a-1\t0.0.0.0:80->80/tcp\ta\t/a\t'), {
    name: 'a-1',
    ports: [80],
    project: 'a',
    folder: '/a',
    part: null,
  });
});

test('the word behind logs: a side, a part, or a service', () => {
  const make = (name: string, labels: Record<string, string>) =>
    container({ Name: `/${name}`, Config: { Labels: labels } });
  const label = (project: string, service: string, part: string) => ({
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'io.jobstorm.part': part,
  });
  const all = [
    make('f', label('jobstorm-1-server', 'faktory', 'faktory')),
    make('s', label('jobstorm-1-server', 'docker-stats', 'docker-stats')),
    make('w', label('jobstorm-1-worker', 'worker-service', 'worker')),
    make('t', label('jobstorm-1-worker', 'docker-stats', 'docker-stats')),
  ];
  const names = (word: string | null) => chosen(all, word).map(({ Name }) => Name);
  assert.deepEqual(names(null), ['/f', '/s', '/w', '/t']);
  assert.deepEqual(names('server'), ['/f', '/s']);
  assert.deepEqual(names('worker'), ['/w']);
  assert.deepEqual(names('worker-service'), ['/w']);
  assert.deepEqual(names('docker-stats'), ['/s', '/t']);
  assert.deepEqual(names('dashboard'), []);
});
