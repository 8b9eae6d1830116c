import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerUsage } from '@jobstorm/telemetry';
import { ContainerHosts, ratesBetween } from '../src/container-hosts.ts';
import { containerUsage, dockerSnapshot, helloOf } from './reports.ts';

const docker = (id: string, host = 'here') => ({ ...helloOf(id, 'docker'), host });

/** Half a core used and every fourth period throttled, for so many seconds. */
const after = (seconds: number, changes: Partial<ContainerUsage> = {}) =>
  containerUsage({
    readAtMs: 1_000_000 + seconds * 1000,
    cpuUs: 7_000_000 + seconds * 500_000,
    periods: 100 + seconds * 10,
    throttledPeriods: 40 + seconds * 2.5,
    ...changes,
  });

describe('the containers of hosts', () => {
  it('have rates from two readings on', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    assert.deepEqual(hosts.views(1), [], 'nothing has been reported yet');
    hosts.update('d', dockerSnapshot([after(0)]), 2);
    const [first] = hosts.views(2);
    assert.equal(first!.containers[0]!.usedCores, null);
    assert.equal(first!.containers[0]!.throttledShare, null);
    hosts.update('d', dockerSnapshot([after(2)]), 3);
    const [host] = hosts.views(3);
    assert.deepEqual(host, {
      host: 'here',
      live: true,
      seenAtMs: 3,
      unavailable: null,
      hostCores: 4,
      hostMemoryBytes: 8e9,
      projects: [],
      containers: [{ ...after(2), usedCores: 0.5, throttledShare: 0.25 }],
    });
  });

  it('keep their rates while the engine is not read again, and over readings close together', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    for (const seconds of [0, 2, 2, 2.1]) hosts.update('d', dockerSnapshot([after(seconds)]), 2);
    const [container] = hosts.views(2)[0]!.containers;
    assert.equal(container!.usedCores, 0.5);
    assert.equal(container!.readAtMs, after(2.1).readAtMs, 'its counters are the latest ones all the same');
    hosts.update('d', dockerSnapshot([after(3, { cpuUs: after(2).cpuUs })]), 2);
    assert.equal(hosts.views(2)[0]!.containers[0]!.usedCores, 0, 'the rate is one over the whole second');
  });

  it('have none over a start of the container, and never a negative one', () => {
    assert.deepEqual(ratesBetween(after(2), after(4, { cpuUs: 5 })), { usedCores: null, throttledShare: null });
    assert.deepEqual(ratesBetween(after(2), after(2)), { usedCores: null, throttledShare: null });
    const unlimited = { periods: 0, throttledPeriods: 0 };
    assert.equal(ratesBetween(after(0, unlimited), after(1, unlimited)).throttledShare, null);
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    hosts.update('d', dockerSnapshot([after(2)]), 1);
    hosts.update('d', dockerSnapshot([after(2.1, { cpuUs: 5, periods: 0 })]), 1);
    hosts.update('d', dockerSnapshot([after(3.1, { cpuUs: 250_005, periods: 0 })]), 1);
    assert.equal(hosts.views(1)[0]!.containers[0]!.usedCores, 0.25, 'it starts anew from the reading after the start');
  });

  it('go on when the clock of their host is set back', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    const anHourAgo = (seconds: number) => after(seconds, { readAtMs: after(seconds - 3600).readAtMs });
    for (const reading of [after(0), after(2), anHourAgo(4)]) hosts.update('d', dockerSnapshot([reading]), 1);
    hosts.update('d', dockerSnapshot([anHourAgo(6)]), 1);
    const [container] = hosts.views(1)[0]!.containers;
    assert.deepEqual(container, { ...anHourAgo(6), usedCores: 0.5, throttledShare: 0.25 });
  });

  it('go when nobody lists them any more', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    hosts.update('d', dockerSnapshot([after(0), after(0, { id: 'b', name: 'b' })]), 1);
    hosts.update('d', dockerSnapshot([after(1)]), 1);
    assert.deepEqual(
      hosts.views(1)[0]!.containers.map(({ id }) => id),
      ['c0ffee'],
    );
  });

  it('are merged over the watchers of a host, the newest reading of each', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    hosts.accept(docker('e'), 1);
    hosts.accept(docker('f', 'away'), 1);
    hosts.update('d', dockerSnapshot([after(2), after(2, { id: 'b', name: 'b' })]), 1);
    hosts.update('e', dockerSnapshot([after(1), after(1, { id: 'a', name: 'a' })]), 2);
    hosts.update('f', dockerSnapshot([after(9)]), 3);
    const [away, here] = hosts.views(3);
    assert.equal(away!.host, 'away');
    assert.deepEqual(
      here!.containers.map(({ name, readAtMs }) => [name, readAtMs]),
      [
        ['a', 1_001_000],
        ['b', 1_002_000],
        ['faktory', 1_002_000],
      ],
    );
    hosts.update('d', dockerSnapshot([after(3)]), 4);
    assert.deepEqual(
      hosts.views(4)[1]!.containers.map(({ name }) => name),
      ['a', 'faktory'],
    );
  });

  it('are shown as gone with their watcher, for ten minutes', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    hosts.update('d', dockerSnapshot([after(0)]), 1);
    hosts.gone('d', 1000);
    assert.equal(hosts.views(2000)[0]!.live, false);
    assert.equal(hosts.views(2000)[0]!.containers.length, 1);
    assert.equal(hosts.views(600_999).length, 1);
    assert.equal(hosts.views(601_000).length, 0);
  });

  it('are alive again with the next watcher of the host, which replaces the one that went', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    hosts.update('d', dockerSnapshot([after(0), after(0, { id: 'old', name: 'old' })]), 1);
    hosts.gone('d', 2);
    hosts.accept(docker('e'), 3);
    hosts.update('e', dockerSnapshot([after(1)]), 4);
    const [host] = hosts.views(4);
    assert.equal(host!.live, true);
    assert.deepEqual(
      host!.containers.map(({ name }) => name),
      ['faktory'],
    );
  });

  it('say when their engine can not be asked, unless another watcher reaches it', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    hosts.update('d', dockerSnapshot([after(0)], { unavailable: 'no permission' }), 1);
    assert.equal(hosts.views(1)[0]!.unavailable, 'no permission');
    hosts.accept(docker('e'), 1);
    hosts.update('e', dockerSnapshot([after(1)]), 1);
    assert.equal(hosts.views(1)[0]!.unavailable, null);
    hosts.gone('e', 2);
    assert.equal(hosts.views(2)[0]!.unavailable, 'no permission');
  });

  it('tell which projects their watchers are of, by the watchers’ own containers', () => {
    const hosts = new ContainerHosts();
    const self = (id: string, project: string) => after(0, { id, name: id, project, service: 'docker-stats' });
    for (const group of ['c1', 'c2', 'no container']) hosts.accept({ ...docker(`d of ${group}`), group }, 1);
    const seen = [self('c1', 'storm-worker'), self('c2', 'storm-server'), self('c3', 'foreign-server'), after(0)];
    hosts.update('d of c1', dockerSnapshot(seen), 1);
    assert.deepEqual(hosts.views(1)[0]!.projects, ['storm-server', 'storm-worker']);
  });

  it('have no field that is not known here', () => {
    const hosts = new ContainerHosts();
    hosts.accept(docker('d'), 1);
    for (const seconds of [0, 1]) {
      const leaky = { ...after(seconds), env: ['FAKTORY_PASSWORD=secret'], labels: { key: 'secret' } };
      hosts.update('d', dockerSnapshot([leaky]), 1);
      assert.doesNotMatch(JSON.stringify(hosts.views(1)), /secret/);
    }
  });
});
