import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRunContainers } from '../src/run-containers.ts';
import { faktory, someHost } from './measured.ts';

const [, own] = faktory;
const api = { ...own, id: 'a', name: 'api', service: 'api-service', image: 'x-api-service' };
const other = { ...own, id: 'o', name: 'other', project: 'jobstorm-999999-server' };
const noHints = { project: null, apiHost: null };

test('the only job server that is seen is the one, with the api-service of its project', () => {
  const worker = { ...own, id: 'w', service: 'worker-service', image: 'x-worker-service' };
  const foreignApi = { ...api, project: 'p2' };
  const found = findRunContainers([someHost([worker, own, api, foreignApi])], noHints);
  assert.equal(found.server?.container.id, own.id);
  assert.equal(found.whyNoServer, null);
  assert.equal(found.api?.container.id, 'a');
});

test('a Faktory that compose did not start, and server-node, are job servers too', () => {
  for (const container of [
    { ...own, service: '', image: 'contribsys/faktory:latest' },
    { ...own, service: '', image: 'registry.example:5000/ops/faktory@sha256:00' },
    { ...own, service: 'server-node', image: 'x-server-node' },
  ]) {
    assert.ok(findRunContainers([someHost([container])], noHints).server, container.image);
  }
  for (const image of ['contribsys/faktory-exporter:1', 'x-worker-service']) {
    assert.equal(findRunContainers([someHost([{ ...own, service: '', image }])], noHints).server, null, image);
  }
});

test('of several the one of the checkout is taken, or of the reporters’ project, or on the api-service’s host; else none, with their names', () => {
  const both = [someHost([own, other])];
  assert.equal(findRunContainers(both, { ...noHints, project: own.project }).server?.container.id, own.id);
  const reported = someHost([own, other], { projects: ['jobstorm-999999-server', 'jobstorm-999999-worker'] });
  assert.equal(findRunContainers([reported], noHints).server?.container.id, 'o');
  const none = findRunContainers(both, { ...noHints, apiHost: 'storm-1' });
  assert.equal(none.server, null);
  assert.equal(none.whyNoServer, `it may be any of these containers: ${own.name} on storm-1, other on storm-1`);
  const apart = [someHost([own]), someHost([other], { host: 'storm-2' })];
  assert.equal(findRunContainers(apart, { ...noHints, apiHost: 'storm-2' }).server?.container.id, 'o');
});

test('what does not run, or is not seen any more, is not taken', () => {
  for (const hosts of [
    [someHost([{ ...own, state: 'exited' }])],
    [someHost([own], { live: false })],
    [someHost([own], { unavailable: 'no permission' })],
    [someHost([])],
  ]) {
    assert.equal(findRunContainers(hosts, noHints).whyNoServer, 'no docker-stats sees its container');
  }
  assert.match(findRunContainers([], noHints).whyNoServer!, /no docker-stats reports/);
});
