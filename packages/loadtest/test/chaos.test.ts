import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ChaosInput, chaosLedger, killSchedule, recoveriesOf } from '../src/chaos.ts';
import { noCounts, type TimelineSample } from '../src/timeline.ts';

describe('killSchedule', () => {
  const firstTen = (seed: number) => {
    const next = killSchedule(seed, 1000);
    return Array.from({ length: 10 }, () => next(3));
  };

  it('the same seed makes the same plan, another one another', () => {
    assert.deepEqual(firstTen(7), firstTen(7));
    assert.notDeepEqual(firstTen(7), firstTen(8));
  });

  it('keeps kills apart, and leaves nobody out', () => {
    const next = killSchedule(1, 1000);
    const kills = Array.from({ length: 300 }, () => next(3));
    for (const { afterMs } of kills) assert.ok(afterMs >= 500 && afterMs < 1500, `${afterMs} ms`);
    assert.deepEqual([...new Set(kills.map(({ victim }) => victim))].sort(), [0, 1, 2]);
  });
});

describe('chaosLedger', () => {
  const all: ChaosInput = {
    submitted: 100,
    accepted: 100,
    refused: 0,
    uncertain: 0,
    executed: 100,
    repeated: 0,
    reported: 100,
    held: 0,
  };
  const of = (changes: Partial<ChaosInput>) => chaosLedger({ ...all, ...changes });

  it('a job that was neither run nor is held is lost', () => {
    assert.equal(of({}).lost, 0);
    assert.deepEqual([of({ executed: 97 }).lost, of({ executed: 97, held: 2 }).lost], [3, 1]);
    assert.equal(of({ executed: 97, held: null }).lost, 3, 'a server that does not answer hides nothing');
  });

  it('a job that was refused is none that could be lost', () => {
    assert.equal(of({ accepted: 90, refused: 10, executed: 90 }).lost, 0);
  });

  it('unanswered ones that never ran are named and not called lost; beyond them, missing ones are', () => {
    const { lost, unanswered } = of({ accepted: 95, uncertain: 5, executed: 93 });
    assert.deepEqual([lost, unanswered], [2, 5]);
    assert.deepEqual(of({ accepted: 95, uncertain: 5, executed: 98 }).unanswered, 2);
  });

  it('counts repeats, and what a dead worker could not report', () => {
    const { duplicated, unreported } = of({ repeated: 4, reported: 80 });
    assert.deepEqual([duplicated, unreported], [4, 20]);
  });
});

describe('recoveriesOf', () => {
  const at = (atS: number, completed: number): TimelineSample => ({
    atS,
    lengthS: 0.5,
    counts: { ...noCounts, completed },
    latencyUs: null,
    queueDepth: null,
    slots: null,
    parts: { generator: null, api: null, server: null, workers: null },
  });
  const kill = (atS: number) => ({ atS, what: 'worker 7', replacedS: 0.4 });

  it('ends with the first whole sample that is as fast as before, within a fifth', () => {
    const rates = [1000, 1000, 1000, 1000, 200, 500, 790, 810, 1000];
    const samples = rates.map((rate, i) => at((i + 1) / 2, rate / 2));
    const [recovery] = recoveriesOf([kill(2.1)], samples);
    assert.ok(Math.abs(recovery!.rateBackS! - 1.9) < 1e-9, `${recovery!.rateBackS} s`);
    assert.equal(recovery!.replacedS, 0.4);
  });

  it('is not known when the rate did not come back, or there was none before', () => {
    const samples = [1000, 1000, 100, 100].map((rate, i) => at((i + 1) / 2, rate / 2));
    assert.equal(recoveriesOf([kill(1.1)], samples)[0]!.rateBackS, null);
    assert.equal(recoveriesOf([kill(0.1)], samples)[0]!.rateBackS, null);
  });
});
