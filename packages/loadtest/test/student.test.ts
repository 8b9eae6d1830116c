import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalQuantile } from '../src/distribution.ts';
import { studentT } from '../src/student.ts';

// From printed tables of the t distribution: degrees of freedom, two-sided probability, t.
const table: [number, number, number][] = [
  [1, 0.05, 12.706],
  [2, 0.05, 4.303],
  [2, 0.01, 9.925],
  [3, 0.05, 3.182],
  [4, 0.01, 4.604],
  [8, 0.05, 2.306],
  [8, 0.01, 3.355],
  [8, 0.002, 4.501],
  [20, 0.05, 2.086],
  [30, 0.01, 2.75],
  [120, 0.05, 1.98],
  [5, 0.5, 0.727],
];

test('quantiles agree with the printed tables', () => {
  for (const [n, p, expected] of table) {
    const t = studentT(p, n);
    assert.ok(Math.abs(t / expected - 1) < 0.002, `t(${n}, ${p}) is ${t}, the table has ${expected}`);
  }
  for (const [p, expected] of [
    [0.975, 1.95996],
    [0.005, -2.57583],
    [0.5, 0],
  ] as const) {
    assert.ok(Math.abs(normalQuantile(p) - expected) < 6e-4, `${normalQuantile(p)}`);
  }
});

test('fewer degrees of freedom make it wider, and broken ones lie between their neighbours', () => {
  let before = Number.POSITIVE_INFINITY;
  for (let n = 1; n <= 60; n++) {
    const t = studentT(0.01, n);
    assert.ok(t < before, `${n}: ${t} after ${before}`);
    before = t;
  }
  const between = studentT(0.01, 6.5);
  assert.ok(between < studentT(0.01, 6) && between > studentT(0.01, 7), `${between}`);
});
