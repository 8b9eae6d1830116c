import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildResult } from '../src/build-result.ts';
import { clockFindings, unsurePhase } from '../src/clock-findings.ts';
import { histogramOf, someMeasured } from './fixtures.ts';

const at = (host: string, offsetUs: number, errorUs: number) => ({ host, offset: { offsetUs, errorUs } });

test('each host stands there once, with what is known best', () => {
  const workers = [at('a', 300, 50), at('a', 290, 20), at('b', -5, 9), { host: 'c', offset: null }];
  const { hosts } = clockFindings({ workers, server: null });
  assert.deepEqual(hosts, [
    { host: 'a', offsetUs: 290, errorUs: 20 },
    { host: 'b', offsetUs: -5, errorUs: 9 },
    { host: 'c', offsetUs: null, errorUs: null },
  ]);
});

test('a phase may be wrong by as much as its two clocks may be apart', () => {
  const { wrongByUs } = clockFindings({ workers: [at('a', 300, 50), at('b', -500, 10)], server: at('s', 200, 5) });
  assert.deepEqual(wrongByUs, { endToEnd: 510, accept: 0, fireLag: 510, queueWait: 715 });
  const toServerHere = clockFindings({ workers: [at('a', 300, 50)], server: null }).wrongByUs;
  assert.equal(toServerHere.queueWait, 350, 'a server here stamps by our clock');
  const unknown = clockFindings({ workers: [{ host: 'a', offset: null }], server: null }).wrongByUs;
  assert.equal(unknown.endToEnd, Number.POSITIVE_INFINITY);
});

test('where only the server is elsewhere, the wait in its queue begins by its clock and ends by ours', () => {
  const findings = clockFindings({ workers: [], workersHere: true, server: at('s', -700, 80) });
  assert.deepEqual(findings.wrongByUs, { endToEnd: 0, accept: 0, fireLag: 0, queueWait: 780 });
  assert.match(unsurePhase(findings, 'queueWait', 779)!, /may be 780 us apart/);
  const beside = clockFindings({ workers: [at('s', -700, 80)], server: at('s', -700, 80) });
  assert.equal(beside.wrongByUs.queueWait, 160, 'workers that are all there need no clock of ours');
});

test('a phase below that is withheld with its reason, and no other one', () => {
  const findings = clockFindings({ workers: [at('a', 300, 50)], server: null });
  assert.equal(unsurePhase(findings, 'endToEnd', 350), null);
  assert.match(unsurePhase(findings, 'endToEnd', 349)!, /may be 350 us apart, more than its median of 349 us/);
  assert.equal(unsurePhase(findings, 'service', 1), null);
  const phases = { ...someMeasured().phases, queueWait: histogramOf(300), endToEnd: histogramOf(9000) };
  const result = buildResult(someMeasured({ phases, clocks: findings, sameClock: false }));
  assert.equal(result.latencyUs.queueWait, null);
  assert.match(result.notMeasured['latencyUs.queueWait']!, /clocks may be 350 us apart/);
  assert.equal(result.latencyUs.endToEnd?.p50, 9000);
  assert.deepEqual(result.clocks, [{ host: 'a', offsetUs: 300, errorUs: 50 }]);
  assert.deepEqual(buildResult(someMeasured()).clocks, []);
});

test('accept lies between the generator and the api-service', () => {
  const findings = clockFindings({ workers: [], server: null, api: at('api', -200, 40) });
  assert.deepEqual([findings.wrongByUs.accept, findings.wrongByUs.endToEnd], [240, 0]);
  const phases = { ...someMeasured().phases, accept: histogramOf(239) };
  const result = buildResult(someMeasured({ phases, clocks: findings }));
  assert.equal(result.latencyUs.accept, null);
  assert.match(result.notMeasured['latencyUs.accept']!, /clocks may be 240 us apart/);
  assert.equal(unsurePhase(findings, 'accept', 240), null);
});

test('clocks that nobody could compare withhold what lies between them', () => {
  const findings = clockFindings({ workers: [{ host: 'a', offset: null }], server: null });
  assert.match(unsurePhase(findings, 'endToEnd', 1e9)!, /could not be compared/);
});
