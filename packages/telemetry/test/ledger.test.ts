import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkLedgerPage, LEDGER_PAGE_SIZE, Ledger, type SeqRange } from '../src/ledger.ts';

function ledgerOf(seqs: Iterable<number>): Ledger {
  const ledger = new Ledger();
  for (const seq of seqs) ledger.mark(seq);
  return ledger;
}

function members(ranges: readonly SeqRange[]): number[] {
  return ranges.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
}

const seqs = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 20_000 })), {
  maxLength: 400,
});

describe('Ledger', () => {
  it('counts, remembers and tells repeats as a set does', () => {
    fc.assert(
      fc.property(seqs, (all) => {
        const ledger = new Ledger();
        const set = new Set<number>();
        for (const seq of all) {
          assert.equal(ledger.mark(seq), !set.has(seq));
          set.add(seq);
        }
        assert.equal(ledger.count, set.size);
        assert.equal(ledger.duplicated, all.length - set.size);
        for (let seq = 0; seq <= 20_001; seq++) assert.equal(ledger.has(seq), set.has(seq));
      }),
      { numRuns: 50 },
    );
  });

  it('says which numbers are missing', () => {
    fc.assert(
      fc.property(seqs, fc.integer({ min: 0, max: 20_000 }), (all, total) => {
        const ledger = ledgerOf(all);
        const done = new Set(all);
        const expected = Array.from({ length: total }, (_, seq) => seq).filter((seq) => !done.has(seq));
        const ranges = ledger.missing(total);
        assert.deepEqual(members(ranges), expected);
        assert.ok(
          ranges.every(({ from }, i) => i === 0 || from > ranges[i - 1]!.to + 1),
          'ranges that touch',
        );
        assert.equal(ledger.countFrom(total), [...done].filter((seq) => seq >= total).length);
      }),
      { numRuns: 50 },
    );
  });

  it('gives at most the ranges asked for, over millions of numbers', () => {
    const ledger = ledgerOf([0, 2, 4, 9_999_999]);
    assert.deepEqual(ledger.missing(10_000_000, 2), [
      { from: 1, to: 1 },
      { from: 3, to: 3 },
    ]);
    assert.deepEqual(ledger.missing(10_000_000).at(-1), { from: 5, to: 9_999_998 });
    assert.deepEqual(ledger.missing(0), []);
    assert.deepEqual(new Ledger().missing(5000), [{ from: 0, to: 4999 }]);
  });

  it('does not remember what can be no sequence number', () => {
    const hostile: unknown[] = [
      -1,
      1.5,
      2 ** 31,
      2 ** 53,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      'x',
      '5',
      null,
      undefined,
      {},
      [3],
      true,
      5n,
    ];
    const ledger = new Ledger();
    for (const seq of hostile) {
      if (typeof seq === 'bigint') continue; // JSON has none
      assert.equal(ledger.mark(seq as number), false, String(seq));
      assert.equal(ledger.has(seq as number), false);
    }
    assert.equal(ledger.unexpected, hostile.length - 1);
    assert.equal(ledger.count, 0);
    assert.deepEqual(ledger.allPages(), []);
  });

  it('takes one page for the largest number', () => {
    const ledger = ledgerOf([2 ** 31 - 1]);
    assert.equal(ledger.has(2 ** 31 - 1), true);
    assert.equal(ledger.allPages().length, 1);
    assert.equal(new Ledger().mergePage(ledger.allPages()[0]!), 1);
  });

  it('takes no more memory for numbers that are far apart than its limit', () => {
    const ledger = new Ledger();
    for (let page = 0; page < 65_537; page++) ledger.mark(page * LEDGER_PAGE_SIZE);
    assert.equal(ledger.count, 65_536);
    assert.equal(ledger.unexpected, 1);
    assert.equal(ledger.mark(1), true, 'pages that are there still take marks');
  });

  it('gives each change once, and everything when asked', () => {
    const ledger = ledgerOf([1, 2, 5000]);
    assert.deepEqual(
      ledger.changedPages().map(({ page }) => page),
      [0, 1],
    );
    assert.deepEqual(ledger.changedPages(), []);
    ledger.mark(2);
    assert.deepEqual(ledger.changedPages(), [], 'a repeat changes nothing');
    ledger.mark(5001);
    assert.deepEqual(
      ledger.changedPages().map(({ page }) => page),
      [1],
    );
    ledger.mark(3);
    assert.deepEqual(
      ledger.allPages().map(({ page }) => page),
      [0, 1],
    );
    assert.deepEqual(ledger.changedPages(), [], 'all of them were just given');
  });

  it('is whole again from its pages: as they changed, in any order, repeated', () => {
    fc.assert(
      fc.property(fc.array(seqs, { maxLength: 5 }), fc.func(fc.integer()), (slices, order) => {
        const ledger = new Ledger();
        const sent = slices.flatMap((slice) => {
          for (const seq of slice) ledger.mark(seq);
          return ledger.changedPages();
        });
        const received = new Ledger();
        const shuffled = [...sent, ...sent].sort((a, b) => order(a) - order(b));
        let added = 0;
        for (const page of shuffled) added += received.mergePage(JSON.parse(JSON.stringify(page)));
        assert.equal(added, ledger.count);
        assert.equal(received.count, ledger.count);
        assert.equal(received.duplicated, 0);
        for (const seq of slices.flat()) assert.ok(received.has(seq));
      }),
      { numRuns: 50 },
    );
  });

  it('merges to the union and says how many were new', () => {
    fc.assert(
      fc.property(seqs, seqs, (a, b) => {
        const ledger = ledgerOf(a);
        const added = ledger.merge(ledgerOf(b));
        assert.equal(ledger.count, new Set([...a, ...b]).size);
        assert.equal(added, ledger.count - new Set(a).size);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses pages that no ledger made', () => {
    const bits = new Ledger();
    bits.mark(0);
    const good = bits.allPages()[0]!;
    checkLedgerPage(good);
    for (const bad of [
      { page: -1 },
      { page: 1.5 },
      { page: 2 ** 19 },
      { bits: '' },
      { bits: good.bits.slice(4) },
      { bits: `${good.bits}AAAA` },
    ]) {
      assert.throws(() => new Ledger().mergePage({ ...good, ...bad }), RangeError, JSON.stringify(bad));
    }
  });
});
