import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../src/random.ts';
import { type SoakSeries, slopeOf } from '../src/soak.ts';

interface Shape {
  seed: number;
  /** Added over the whole stretch. */
  drift?: number;
  level?: number;
  noise?: number;
  /** How alike neighbouring samples are. */
  alike?: number;
  lengthS?: number;
}

/** 1,000 samples of something that wanders around its level. */
function wandering({ seed, drift = 0, level = 1e8, noise = 2e6, alike = 0.9, lengthS = 3600 }: Shape): SoakSeries {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let state = 0;
  return Array.from({ length: 1000 }, (_, at) => {
    state = alike * state + Math.sqrt(1 - alike ** 2) * normal();
    return { atS: ((at + 1) / 1000) * lengthS, value: level + (drift * at) / 1000 + noise * state };
  });
}

describe('slopeOf', () => {
  const verdicts = (of: (seed: number) => SoakSeries[]) =>
    Array.from({ length: 200 }, (_, seed) => slopeOf('memory', 'bytes', of(seed)).verdict);
  const share = (all: readonly string[], verdict: string) => all.filter((each) => each === verdict).length / all.length;

  it('calls what only wanders flat, though neighbours are alike', () => {
    const flat = share(
      verdicts((seed) => [wandering({ seed })]),
      'flat',
    );
    assert.ok(flat >= 0.95, `${flat} of 200`);
  });

  it('finds what grows by a tenth', () => {
    const growing = share(
      verdicts((seed) => [wandering({ seed, drift: 1e7 })]),
      'growing',
    );
    assert.ok(growing >= 0.95, `${growing} of 200`);
    assert.equal(slopeOf('memory', 'bytes', [wandering({ seed: 1, drift: -1e7 })]).verdict, 'falling');
  });

  it('its interval holds the truth in about 95 of 100', () => {
    let holds = 0;
    for (let seed = 0; seed < 400; seed++) {
      const { low, high } = slopeOf('memory', 'bytes', [wandering({ seed: seed + 1000, drift: 1e7 })]);
      if (low! <= 1e7 && high! >= 1e7) holds++;
    }
    assert.ok(holds >= 0.92 * 400, `${holds} of 400`);
  });

  it('a new start with another level is no growth, and growth on both sides of it is found', () => {
    const levels = (seed: number, drift: number) => [
      wandering({ seed, drift, level: 5e7 }),
      wandering({ seed: seed + 500, drift, level: 2e8 }),
    ];
    assert.ok(
      share(
        verdicts((seed) => levels(seed, 0)),
        'flat',
      ) >= 0.92,
    );
    assert.ok(
      share(
        verdicts((seed) => levels(seed, 1e7)),
        'growing',
      ) >= 0.95,
    );
  });

  it('a change that is too small to matter is none, however sure', () => {
    const { low, verdict } = slopeOf('memory', 'bytes', [wandering({ seed: 3, drift: 5e5, noise: 1e3 })]);
    assert.ok(low! > 0);
    assert.equal(verdict, 'flat');
  });

  it('the start, while heaps fill, does not count', () => {
    const filling = (seed: number) =>
      wandering({ seed }).map(({ atS, value }) => ({ atS, value: atS < 300 ? value! / 3 : value }));
    assert.ok(
      share(
        verdicts((seed) => [filling(seed)]),
        'flat',
      ) >= 0.95,
    );
  });

  it('says when it is too short, or nothing is known', () => {
    assert.equal(slopeOf('x', 'handles', [wandering({ seed: 1 }).slice(0, 5)]).verdict, 'too short');
    const { mean, verdict } = slopeOf('x', 'handles', [[{ atS: 1, value: null }]]);
    assert.deepEqual([mean, verdict], [null, 'too short']);
    assert.equal(
      slopeOf('x', 'handles', [wandering({ seed: 1 }).map(({ atS }) => ({ atS, value: 7 }))]).verdict,
      'flat',
    );
  });
});
