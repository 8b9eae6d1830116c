// What the report does beyond being looked at: a cursor through all plots with the figures of that moment, and each plot's data as a file. It
// asks nobody for anything; the data stands in the page. Without it the page shows the same, only still.

import { plotGeometry } from './plot.ts';

/** Runs in the page: its geometry is the plots' own. */
export const pageScript = `
'use strict';
const plots = JSON.parse(document.getElementById('data').textContent);
const { width, left, innerWidth } = ${JSON.stringify(plotGeometry)};
const figures = [...document.querySelectorAll('figure[data-plot]')];

function csvOf({ unit, atS, lines }) {
  const quote = (text) => '"' + text.replace(/"/g, '""') + '"';
  const rows = atS.map((s, at) => [s, ...lines.map(({ values }) => values[at] ?? '')].join(','));
  return [['seconds', ...lines.map(({ name }) => name + ' (' + unit + ')')].map(quote).join(','), ...rows, ''].join('\\n');
}

function dataOf({ run, id, unit, atS, lines }) {
  return { run, plot: id, unit, seconds: atS, ...Object.fromEntries(lines.map(({ name, values }) => [name, values])) };
}

function save(plot, as) {
  const text = as === 'csv' ? csvOf(plot) : JSON.stringify(dataOf(plot), null, 1) + '\\n';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: as === 'csv' ? 'text/csv' : 'application/json' }));
  link.download = 'jobstorm-' + plot.run + '-' + plot.id + '.' + as;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function nearest(atS, s) {
  let best = 0;
  for (let at = 1; at < atS.length; at++) if (Math.abs(atS[at] - s) < Math.abs(atS[best] - s)) best = at;
  return best;
}

function point(s) {
  for (const figure of figures) {
    const plot = plots[figure.dataset.plot];
    const cursor = figure.querySelector('.cursor');
    const on = s !== null && plot.atS.length > 0;
    cursor.classList.toggle('on', on);
    const at = on ? nearest(plot.atS, s) : -1;
    const x = on ? left + (plot.atS[at] / plot.endS) * innerWidth : 0;
    cursor.setAttribute('x1', x);
    cursor.setAttribute('x2', x);
    figure.querySelectorAll('.keys b').forEach((shown, line) => {
      shown.textContent = on ? (plot.lines[line].shown[at] ?? '-') : '';
    });
    figure.querySelector('.when').textContent = on ? 'at ' + plot.when[at] : '';
  }
}

for (const figure of figures) {
  const chart = figure.querySelector('.chart');
  chart.addEventListener('pointermove', (event) => {
    const box = chart.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    point(((x - left) / innerWidth) * plots[figure.dataset.plot].endS);
  });
  chart.addEventListener('pointerleave', () => point(null));
  figure.querySelectorAll('button').forEach((button) => {
    button.addEventListener('click', () => save(plots[figure.dataset.plot], button.dataset.as));
  });
}
`;
