// The page's colours, by its style sheet: text is read on its ground, and what two colours tell apart is told apart by people who
// do not see red or green as others do.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const css = readFileSync(fileURLToPath(new URL('../../web/colors.css', import.meta.url)), 'utf8');

type Rgb = [number, number, number];

/** Custom properties of the rule with that selector, linear RGB. */
function colours(selector: string): Record<string, Rgb> {
  const start = css.indexOf(`${selector} {`);
  const rule = css.slice(start, css.indexOf('}', start));
  const linear = (hex: string) => {
    const value = Number.parseInt(hex, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const found = rule.matchAll(/--([\w-]+): #(..)(..)(..);/g);
  return Object.fromEntries([...found].map(([, name, r, g, b]) => [name, [linear(r!), linear(g!), linear(b!)] as Rgb]));
}

const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** As WCAG 2 has it. */
function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** How dichromats see a colour: Machado, Oliveira and Fernandes 2009, severity 1, in linear RGB. */
const eyes: Record<string, Rgb[]> = {
  'all cones': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

const seenBy = (eye: Rgb[], [r, g, b]: Rgb) =>
  eye.map((row) => Math.max(0, row[0] * r + row[1] * g + row[2] * b)) as Rgb;

/** CIE L*a*b* of linear sRGB, D65. */
function lab([r, g, b]: Rgb): Rgb {
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(...lab(a).map((value, at) => value - lab(b)[at]!));

for (const [theme, selector] of [
  ['light', ':root'],
  ['dark', ':root[data-theme="dark"]'],
] as const) {
  describe(`the ${theme} colours`, () => {
    const all = colours(selector);

    it('are read on their ground', () => {
      for (const name of ['ink', 'ink-2', 'rate', 'latency', 'queue', 'cpu', 'error']) {
        for (const ground of ['ground', 'panel']) {
          const ratio = contrast(all[name]!, all[ground]!);
          assert.ok(ratio >= 4.5, `${name} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
    });

    // Rate and failures share a plot, and figures of all four stand beside each other. CPU and errors meet in one plot as a line and a shade.
    for (const [eye, matrix] of Object.entries(eyes)) {
      it(`are told apart with ${eye}`, () => {
        const pairs = [
          ['rate', 'error'],
          ['rate', 'latency'],
          ['rate', 'other'],
          ['latency', 'other'],
          ['queue', 'other'],
          ['cpu', 'cap'],
          ['rate', 'ink-2'],
        ] as const;
        for (const [a, b] of pairs) {
          const apart = distance(seenBy(matrix, all[a]!), seenBy(matrix, all[b]!));
          assert.ok(apart >= 20, `${a} and ${b}: ${apart.toFixed(1)}`);
        }
      });
    }
  });
}
