// Curves as SVG: what was measured as points on a line, and beside it, dashed, what a formula says. Linear axes from 0.

import { escaped } from './svg-text.ts';
import { number } from './table.ts';

export interface Curve {
  name: string;
  /** Ascending by x. `expected`: what the formula says. */
  points: readonly { x: number; y: number; expected: number }[];
}

export interface LineChartText {
  title: string;
  xTitle: string;
  yTitle: string;
  /** What the dashed lines are. */
  formula: string;
}

const colors = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'];
const [width, height, left, right, top, bottom] = [800, 460, 80, 24, 84, 60];
const [plotWidth, plotHeight] = [width - left - right, height - top - bottom];

/** Round numbers from 0 to at least `most`, some five of them. */
function ticksTo(most: number): number[] {
  const rough = most / 5;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = magnitude * ([1, 2, 5, 10].find((each) => each * magnitude >= rough) ?? 10);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, at) => at * step);
}

export function lineChart({ title, xTitle, yTitle, formula }: LineChartText, curves: readonly Curve[]): string {
  const points = curves.flatMap((curve) => curve.points);
  const xTicks = ticksTo(Math.max(...points.map(({ x }) => x)));
  const yTicks = ticksTo(Math.max(...points.map(({ y, expected }) => Math.max(y, expected))));
  const x = (value: number) => (left + (plotWidth * value) / xTicks.at(-1)!).toFixed(1);
  const y = (value: number) => (top + plotHeight - (plotHeight * value) / yTicks.at(-1)!).toFixed(1);
  const grid = [
    ...yTicks.map(
      (tick) => `<line x1="${left}" x2="${width - right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#dddddd"/>
<text x="${left - 8}" y="${Number(y(tick)) + 4}" text-anchor="end">${number(tick, 0)}</text>`,
    ),
    ...xTicks.map(
      (tick) => `<text x="${x(tick)}" y="${height - bottom + 20}" text-anchor="middle">${number(tick, 0)}</text>`,
    ),
  ];
  const lines = curves.map(({ points }, at) => {
    const color = colors[at % colors.length]!;
    const path = (of: (point: Curve['points'][number]) => number) =>
      points.map((each) => `${x(each.x)},${y(of(each))}`).join(' ');
    return [
      `<polyline points="${path(({ expected }) => expected)}" fill="none" stroke="${color}" stroke-width="1.5" stroke-dasharray="5 4"/>`,
      `<polyline points="${path(({ y }) => y)}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...points.map((each) => `<circle cx="${x(each.x)}" cy="${y(each.y)}" r="3.5" fill="${color}"/>`),
    ].join('\n');
  });
  const keys = curves.map(({ name }, at) => {
    const from = left + at * 120;
    return `<line x1="${from}" x2="${from + 24}" y1="58" y2="58" stroke="${colors[at % colors.length]}" stroke-width="3"/>
<text x="${from + 30}" y="62">${escaped(name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="13">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
<text x="16" y="26" font-size="16" font-weight="bold">${escaped(title)}</text>
${[...keys, ...grid, ...lines].join('\n')}
<text x="${left + plotWidth / 2}" y="${height - 18}" text-anchor="middle">${escaped(xTitle)}</text>
<text x="18" y="${top + plotHeight / 2}" text-anchor="middle" transform="rotate(-90 18 ${top + plotHeight / 2})">${escaped(yTitle)}</text>
<text x="${width - right}" y="62" text-anchor="end" font-size="11" fill="#555555">dashed: ${escaped(formula)}</text>
</svg>
`;
}
